using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Router.AppHost.Development;

namespace Router.AppHost.Local;

internal static class ContainerRuntime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether the servers run in containers: always when published, else where Docker or Podman answers. <c>Router:Containers</c> decides otherwise.</summary>
    public static bool UsesContainers(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsPublishMode || Answers(builder.Configuration);

    /// <summary>A developer's data outlive the run; a test's do not.</summary>
    public static IResourceBuilder<PostgresServerResource> WithKeptData(this IResourceBuilder<PostgresServerResource> postgres) =>
        postgres.ApplicationBuilder.IsTemporary() ? postgres : postgres.WithDataVolume();

    private static bool Answers(IConfiguration configuration)
    {
        if (bool.TryParse(configuration["Router:Containers"], out var given)) return given;
        string[] runtimes = configuration["ASPIRE_CONTAINER_RUNTIME"] is { Length: > 0 } named ? [named] : ["docker", "podman"];
        return runtimes.Any(Runs);
    }

    private static bool Runs(string runtime)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(runtime, ["ps", "--quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            if (process.WaitForExit(s_patience)) return process.ExitCode == 0;
            process.Kill();
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
