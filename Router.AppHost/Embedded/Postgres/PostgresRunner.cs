using System.Security.Cryptography;
using Npgsql;

namespace Router.AppHost.Embedded;

/// <summary>A PostgreSQL server as a supervised child; started again when it dies.</summary>
internal sealed class PostgresRunner(PostgresServerResource server, RunContext context) : IRunnable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly ServerAccount _account = ServerAccount.Current();
    private CancellationTokenSource _stopping = new();
    private SupervisedProcess? _process;
    private Task _watch = Task.CompletedTask;
    private string? _binaries;

    public string Name => server.Name;

    public IResource Resource => server;

    private PostgresData Data => new(context.Settings.StateDirectory, _account);

    public static string NewPassword() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_watch.IsCompleted) return;
        _stopping = new();
        _binaries ??= await new PostgresBinaries(_account).FindAsync(Data.Major, Log, cancellationToken);
        if (Data.Major is null)
            await Data.CreateAsync(_binaries, server.Password, sync: !context.Settings.IsTemporary, Log, cancellationToken);
        await Data.WaitForFormerServerAsync(cancellationToken);

        _process = Launch(_binaries);
        await WaitUntilItAnswersAsync(_process, cancellationToken);
        context.Notifications.Publish(Name, new(KnownResourceStates.Running, IsHealthy: true));
        _watch = WatchAsync(_stopping.Token);
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        if (_process is { } process) await process.StopAsync();
        await _watch;
        context.Notifications.Publish(Name, new(KnownResourceStates.Exited));
    }

    public void Signal(string name) => _process?.Signal(name);

    private async Task WatchAsync(CancellationToken stopping)
    {
        for (var failures = 0; ; failures++)
        {
            var code = await _process!.Completion;
            if (stopping.IsCancellationRequested) return;
            context.Notifications.Publish(Name, new(KnownResourceStates.Exited, ExitCode: code));
            var pause = TimeSpan.FromSeconds(Math.Min(10, 0.2 * Math.Pow(2, failures)));
            Log($"exited with code {code}; starting again in {pause.TotalSeconds:0.#} s");
            await Task.Delay(pause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested) return;
            _process = Launch(_binaries!);
            await WaitUntilItAnswersAsync(_process, stopping).ContinueWith(
                task =>
                {
                    if (!task.IsCompletedSuccessfully) return;
                    context.Notifications.Publish(Name, new(KnownResourceStates.Running, IsHealthy: true));
                    failures = 0;
                },
                TaskScheduler.Default);
        }
    }

    private SupervisedProcess Launch(string binaries)
    {
        // What was committed outlives the server's death all the same, though not the machine's.
        string[] unsafeButFast = context.Settings.IsTemporary ? ["-c", "fsync=off", "-c", "full_page_writes=off"] : [];
        return SupervisedProcess.Start(
            new SupervisedCommand(
                [
                    .. _account.Prefix, Path.Combine(binaries, "postgres"), "-D", Data.Directory,
                    "-c", $"port={server.Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                    "-c", "shared_buffers=32MB", "-c", "max_connections=200", "-c", "log_line_prefix=", .. unsafeButFast,
                ],
                ProjectEnvironment.Inherited(), "/", "INT", s_grace),
            Log);
    }

    private async Task WaitUntilItAnswersAsync(SupervisedProcess process, CancellationToken cancellationToken)
    {
        var connectionString = await server.GetConnectionStringAsync(cancellationToken) + ";Database=postgres;Pooling=false;Timeout=5";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(context.Settings.StartTimeout);
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(patience.Token);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (process.Completion.IsCompleted || patience.IsCancellationRequested || e is PostgresException { SqlState: "28P01" })
                    throw new DistributedApplicationException($"{Name} does not answer: {e.Message} Its last lines:" + Environment.NewLine + string.Join(Environment.NewLine, context.Logs.Tail(Name, 20).Select(l => "  " + l)));
                await Task.Delay(30, cancellationToken);
            }
        }
    }

    private void Log(string line) => context.Logs.Write(Name, line);
}
