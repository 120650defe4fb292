using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Router.AppHost.Development;

/// <summary>
/// Where a run keeps its state: generated secrets, PostgreSQL's data, receipts that wait. A developer's is kept, one directory per checkout
/// and outside of it; a test's is temporary.
/// </summary>
internal static class StateDirectory
{
    public const string Setting = "Router:StateDirectory";

    private const string Variable = "ROUTER_STATE_DIR";

    /// <summary>Whether this model was made by a testing builder, which asks for random ports: it starts from nothing and leaves nothing.</summary>
    public static bool IsTemporary(this IDistributedApplicationBuilder builder) => builder.Configuration["DcpPublisher:RandomizePorts"] == "true";

    /// <summary>Decides where the state is. From here on the setting says it.</summary>
    public static void ChooseStateDirectory(this IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (configuration[Setting] is { Length: > 0 } configured)
        {
            configuration[Setting] = Path.GetFullPath(configured);
        }
        else if (builder.IsTemporary())
        {
            configuration[Setting] = Path.Combine(Path.GetTempPath(), "router-test-" + Path.GetRandomFileName());
            builder.Services.AddHostedService(_ => new TemporaryDirectory(configuration[Setting]!));
        }
        else
        {
            configuration[Setting] = configuration[Variable] is { Length: > 0 } variable
                ? Path.GetFullPath(variable)
                : Path.Combine(Base(), Hash(Path.GetDirectoryName(builder.AppHostDirectory)!));
        }
    }

    public static string OfRun(IConfiguration configuration) =>
        configuration[Setting] ?? throw new InvalidOperationException("The state directory was not chosen yet.");

    /// <summary>The directory that holds every checkout's state, and the tools they share.</summary>
    public static string Base()
    {
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()) return "/var/lib/router";

        var home = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(home, "router");
    }

    private static string Hash(string repositoryRoot) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(repositoryRoot))))[..12];
}
