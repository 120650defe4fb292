using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Router.Tests.Support;
using Router.Worker.Migrations;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Router.Tests.Support;

/// <summary>
/// A real Postgres from the machine's binaries, started once for the assembly on first use and stopped at its end. Each
/// test asks for a database of its own, cloned from one that is migrated already.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private const string Template = "router_template";

    /// <summary>What the databases of a whole run take, and more.</summary>
    private const long RoomForAll = 6L << 30;

    private readonly string _directory = Path.Combine(Home(), $"router-tests-{Guid.NewGuid():N}");
    private readonly SemaphoreSlim _starting = new(1, 1);
    private Process? _server;
    private int _port;
    private int _databases;
    private string _strategy = "";

    /// <summary>Whether this machine has the server's binaries.</summary>
    public static string? Binaries { get; } = FindBinaries();

    /// <summary>A new, migrated database; skips the test on a machine without Postgres.</summary>
    public async Task<NpgsqlDataSource> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        Assert.SkipWhen(Binaries is null, "PostgreSQL is not installed here.");
        await StartAsync(cancellationToken);
        var name = $"router_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {Template}{_strategy}", cancellationToken);
        return NpgsqlDataSource.Create(ConnectionString(name));
    }

    /// <summary>A new database that no migration has seen.</summary>
    public async Task<NpgsqlDataSource> CreateEmptyDatabaseAsync(CancellationToken cancellationToken)
    {
        Assert.SkipWhen(Binaries is null, "PostgreSQL is not installed here.");
        await StartAsync(cancellationToken);
        var name = $"router_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}", cancellationToken);
        return NpgsqlDataSource.Create(ConnectionString(name));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            NpgsqlConnection.ClearAllPools();
            // The postmaster execs in place of setpriv: the child is the server, and its input needs no closing.
            await RunAsync("kill", ["-INT", _server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], CancellationToken.None);
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        _starting.Dispose();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Memory where there is plenty: hundreds of databases are written and thrown away.</summary>
    private static string Home()
    {
        const string Memory = "/dev/shm";
        return Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > RoomForAll ? Memory : Path.GetTempPath();
    }

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Maximum Pool Size=20;Timeout=30";

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_server is not null)
                return;
            var data = Path.Combine(_directory, "data");
            Directory.CreateDirectory(_directory);
            if (Environment.IsPrivilegedProcess)
                await RunAsync("chown", ["nobody:nogroup", _directory], cancellationToken);
            // Loopback, a throw-away directory and no data of anybody's: trust, and nothing is synced.
            await RunServerToolAsync("initdb", ["-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"], cancellationToken);
            _port = FreePort();
            _server = Process.Start(ServerTool(
                "postgres",
                ["-D", data, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=64MB", "-c", "shared_buffers=32MB", "-c", "log_min_messages=fatal"]))!;
            _server.OutputDataReceived += (_, _) => { };
            _server.ErrorDataReceived += (_, _) => { };
            _server.BeginOutputReadLine();
            _server.BeginErrorReadLine();
            await WaitUntilUpAsync(cancellationToken);
            await ExecuteAsync($"CREATE DATABASE {Template}", cancellationToken);
            await using var template = NpgsqlDataSource.Create(ConnectionString(Template));
            // PostgreSQL 15 can write each page to its log in place of copying files, and does so unless told.
            await using NpgsqlConnection connection = await template.OpenConnectionAsync(cancellationToken);
            _strategy = connection.PostgreSqlVersion.Major >= 15 ? " STRATEGY file_copy" : "";
            await MigrationBounds.RepeatAsync(() => SchemaUpgrade.ApplyAsync(template, NullLogger.Instance, cancellationToken), NullLogger.Instance, TimeProvider.System, cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task WaitUntilUpAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await ExecuteAsync("SELECT 1", cancellationToken);
                return;
            }
            catch (NpgsqlException) when (attempt < 200)
            {
                // A process that is starting has no event to wait for.
                await Task.Delay(25, cancellationToken);
            }
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static Task RunServerToolAsync(string tool, string[] arguments, CancellationToken cancellationToken) =>
        RunAsync(ServerTool(tool, arguments), cancellationToken);

    /// <summary>The server refuses to run as root: drop to nobody.</summary>
    private static ProcessStartInfo ServerTool(string tool, string[] arguments)
    {
        var path = Path.Combine(Binaries!, tool);
        return Environment.IsPrivilegedProcess
            ? Start("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", path, .. arguments])
            : Start(path, arguments);
    }

    private static ProcessStartInfo Start(string file, string[] arguments) =>
        new(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };

    private static Task RunAsync(string file, string[] arguments, CancellationToken cancellationToken) => RunAsync(Start(file, arguments), cancellationToken);

    private static async Task RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        await output;
        Assert.True(process.ExitCode == 0, $"{start.FileName} failed: {error}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? FindBinaries() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")) : [])
            .FirstOrDefault(directory => File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "postgres")));
}
