using System.Runtime.InteropServices;

namespace Router.AppHost.Local;

internal static class Executables
{
    /// <summary>The first file of that name on PATH, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);

    /// <summary>The <c>dotnet</c> whose runtime this process runs on.</summary>
    public static string Dotnet()
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var own = Path.Combine(root, "dotnet");
        return File.Exists(own) ? own : Find("dotnet") ?? "dotnet";
    }
}
