namespace Router.AppHost.Embedded;

internal static class Messages
{
    public const string Windows = """
        Without Aspire's packages this AppHost runs on Linux and macOS, and on Windows in WSL.
        On Windows itself start Docker Desktop or Podman and run it with -p:UseAspire=true.
        """;

    public const string Publishing = "Publishing is Aspire's: build the AppHost with -p:UseAspire=true.";

    public static string AlreadyRunning(string directory, string? pid, string? api) =>
        $"Router is already running from this directory (pid {pid ?? "unknown"}, API at {api ?? "an address it has not announced yet"}). Its state is in {directory}.";
}
