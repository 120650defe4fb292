using System.Diagnostics;
using System.Globalization;

namespace Router.AppHost.Local;

/// <summary>The server's data directory: made once, owned by the account that runs the server.</summary>
internal sealed class PostgresData(string stateDirectory, ServerAccount account)
{
    private string Home { get; } = Path.Combine(stateDirectory, "postgres");

    public string Directory => Path.Combine(Home, "data");

    /// <summary>The version that wrote the data; null when there is none yet.</summary>
    public int? Major =>
        File.Exists(Path.Combine(Directory, "PG_VERSION"))
            ? int.Parse(File.ReadAllText(Path.Combine(Directory, "PG_VERSION")), CultureInfo.InvariantCulture)
            : null;

    /// <summary>Made under another name and renamed when complete, so that an interrupted start leaves nothing half made.</summary>
    public async Task CreateAsync(string binaries, string password, bool sync, Action<string> log, CancellationToken cancellationToken)
    {
        System.IO.Directory.CreateDirectory(Home);
        await account.GiveAsync(Home, cancellationToken);
        await RequireReachableAsync(cancellationToken);

        var incomplete = Directory + ".new";
        if (System.IO.Directory.Exists(incomplete)) System.IO.Directory.Delete(incomplete, recursive: true);
        var passwordFile = Path.Combine(Home, "password");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await using (var writer = new StreamWriter(passwordFile, options))
            await writer.WriteAsync(password.AsMemory(), cancellationToken);
        await account.GiveAsync(passwordFile, cancellationToken);

        var (code, output) = await ShortCommand.RunAsync(
            [
                .. account.Prefix, Path.Combine(binaries, "initdb"), "-D", incomplete, "-U", "postgres",
                "--auth=scram-sha-256", "--pwfile=" + passwordFile, "--encoding=UTF8", "--locale=C", .. sync ? Array.Empty<string>() : ["--no-sync"],
            ],
            cancellationToken);
        File.Delete(passwordFile);
        if (code != 0) throw new DistributedApplicationException("initdb failed:" + Environment.NewLine + output);
        System.IO.Directory.Move(incomplete, Directory);
        log($"database cluster made in {Directory}");
    }

    /// <summary>
    /// Ends a server that outlived whoever watched it: this run holds the lock of the state directory, so that nobody else uses these data.
    /// A pid file that names anything but a server is stale.
    /// </summary>
    public async Task EndFormerServerAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(Directory, "postmaster.pid");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        var asked = false;
        while (File.Exists(file) && FormerServer(file) is { } pid)
        {
            if (patience.IsCancellationRequested)
                throw new DistributedApplicationException($"A PostgreSQL server (process {pid}) still uses {Directory}. Stop it first.");
            if (!asked) await ShortCommand.RunAsync(["kill", "-INT", pid.ToString(CultureInfo.InvariantCulture)], cancellationToken);
            asked = true;
            await Task.Delay(50, cancellationToken);
        }

        File.Delete(file);
    }

    private static int? FormerServer(string file)
    {
        try
        {
            if (!int.TryParse(File.ReadLines(file).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) return null;
            using var process = Process.GetProcessById(pid);
            return process.ProcessName.StartsWith("postgres", StringComparison.Ordinal) ? pid : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task RequireReachableAsync(CancellationToken cancellationToken)
    {
        if (!account.IsOther) return;
        var (code, _) = await ShortCommand.RunAsync([.. account.Prefix, "test", "-w", Home], cancellationToken);
        if (code != 0)
            throw new DistributedApplicationException($"PostgreSQL does not run as root, and the account it runs as cannot reach {Home}. Set Router:StateDirectory or ROUTER_STATE_DIR to a directory outside of root's home.");
    }
}
