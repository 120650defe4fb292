using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Router.AppHost.Development;

/// <summary>
/// Where a developer's state is kept between runs: generated secrets and, in the embedded mode, PostgreSQL's data.
/// One directory per checkout, outside of it.
/// </summary>
internal static class StateDirectory
{
    public const string ConfigurationKey = "Router:StateDirectory";

    private const string Variable = "ROUTER_STATE_DIR";

    public static string Locate(IConfiguration configuration, string repositoryRoot)
    {
        if (configuration[ConfigurationKey] is { Length: > 0 } configured) return Path.GetFullPath(configured);
        if (configuration[Variable] is { Length: > 0 } variable) return Path.GetFullPath(variable);
        return Path.Combine(Base(), Hash(repositoryRoot));
    }

    /// <summary>The directory that holds every checkout's state, and the tools they share.</summary>
    public static string Base()
    {
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()) return "/var/lib/router";

        var home = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        var own = Path.Combine(home, "router");
        return IsWritable(own) ? own : Path.Combine(Path.GetTempPath(), "router-" + Environment.UserName);
    }

    private static bool IsWritable(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            using var probe = File.Create(Path.Combine(directory, ".probe-" + Environment.ProcessId), 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Hash(string repositoryRoot) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(repositoryRoot))))[..12];
}
