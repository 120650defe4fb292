using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Router.AppHost.Development;

/// <summary>
/// What Aspire leaves to others: a program that crashed is started again, with back-off; one that never came up ends the run, and the
/// console says why.
/// </summary>
internal sealed partial class Supervision(IServiceProvider services, TimeProvider time, Action<int> exitWith)
{
    private const int LinesTold = 20;

    // What DCP calls a program that ended by itself. One that was stopped is "Terminated".
    private static readonly string s_ended = KnownResourceStates.Finished;

    private readonly ResourceNotificationService _notifications = services.GetRequiredService<ResourceNotificationService>();
    private readonly ResourceLoggerService _logs = services.GetRequiredService<ResourceLoggerService>();
    private readonly ResourceCommandService _commands = services.GetRequiredService<ResourceCommandService>();
    private readonly IHostApplicationLifetime _lifetime = services.GetRequiredService<IHostApplicationLifetime>();
    private readonly ConcurrentDictionary<string, Program> _programs = new();
    private int _gaveUp;

    /// <summary>Watches until the run ends.</summary>
    public async Task WatchAsync()
    {
        var stopping = _lifetime.ApplicationStopping;
        try
        {
            await foreach (var change in _notifications.WatchAsync(stopping))
                See(change, stopping);
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }

    private void See(ResourceEvent change, CancellationToken stopping)
    {
        if (change.Resource is not (ProjectResource or ExecutableResource)) return;
        var program = _programs.GetOrAdd(change.ResourceId, _ => new());
        var (state, started) = (change.Snapshot.State?.Text, change.Snapshot.StartTimeStamp);
        // What has no check of its health runs to its end, and is called healthy all the while.
        if (state == KnownResourceStates.Running && change.Resource.Annotations.OfType<HealthCheckAnnotation>().Any() && change.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy)
            program.CameUp(time.GetTimestamp());

        var failedToStart = state == KnownResourceStates.FailedToStart;
        var crashed = state == s_ended && change.Snapshot.ExitCode is not 0 && change.Snapshot.ExitCode is not null;
        if (!failedToStart && !crashed || stopping.IsCancellationRequested || !program.IsNews(state, started)) return;
        if (program.HasBeenUp)
            _ = StartAgainAsync(change, program, stopping);
        else
            _ = GiveUpAsync(change, stopping);
    }

    private async Task StartAgainAsync(ResourceEvent change, Program program, CancellationToken stopping)
    {
        try
        {
            var pause = program.Pause(time);
            LogCrashed(_logs.GetLogger(change.ResourceId), change.Resource.Name, change.Snapshot.ExitCode, pause.TotalSeconds);
            await Task.Delay(pause, time, stopping);
            await _commands.ExecuteCommandAsync(change.ResourceId, KnownResourceCommands.StartCommand, stopping);
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }

    private async Task GiveUpAsync(ResourceEvent change, CancellationToken stopping)
    {
        // What waited for it fails next, and says less.
        if (Interlocked.Exchange(ref _gaveUp, 1) != 0) return;
        List<string> lines = [];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await foreach (var batch in _logs.GetAllAsync(change.ResourceId).WithCancellation(patience.Token))
                lines.AddRange(batch.SelectMany(line => line.Content.Split('\n')));
        }
        catch (OperationCanceledException)
        {
            // What has come so far is told.
        }

        var code = change.Snapshot.ExitCode is { } exit ? $" (exit code {exit})" : "";
        await Console.Error.WriteLineAsync($"{Environment.NewLine}{change.Resource.Name} could not start{code}.");
        foreach (var line in ProgramLog.Essence(lines).TakeLast(LinesTold))
            await Console.Error.WriteLineAsync("  " + line);
        exitWith(1);
        _lifetime.StopApplication();
    }

    [LoggerMessage(1, LogLevel.Warning, "{Program} ended with exit code {Code}; it is started again in {Seconds} s")]
    private static partial void LogCrashed(ILogger logger, string program, int? code, double seconds);

    /// <summary>What is known of one process of the model.</summary>
    private sealed class Program
    {
        private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(250);
        private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

        // Up for so long, it starts with a clean slate.
        private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(1);

        private (string?, DateTime?) _last;
        private long? _upSince;
        private int _crashes;

        public bool HasBeenUp { get; private set; }

        public void CameUp(long now)
        {
            HasBeenUp = true;
            _upSince ??= now;
        }

        /// <summary>The same end is announced more than once.</summary>
        public bool IsNews(string? state, DateTime? started)
        {
            if (_last == (state, started)) return false;
            _last = (state, started);
            return true;
        }

        public TimeSpan Pause(TimeProvider time)
        {
            if (_upSince is { } since && time.GetElapsedTime(since) > s_settled) _crashes = 0;
            _upSince = null;
            return TimeSpan.FromTicks(Math.Min(s_first.Ticks << Math.Min(_crashes++, 10), s_longest.Ticks));
        }
    }
}

internal static class SupervisionExtensions
{
    /// <remarks>Begun by an event before the start: a hosted service of ours would begin only when everything has started.</remarks>
    public static void Supervise(this IDistributedApplicationBuilder builder)
    {
        // A test's process has an exit code of its own.
        Action<int> exitWith = builder.IsTemporary() ? _ => { } : code => Environment.ExitCode = code;
        builder.Eventing.Subscribe<BeforeStartEvent>((e, cancellationToken) =>
        {
            _ = new Supervision(e.Services, TimeProvider.System, exitWith).WatchAsync();
            return Task.CompletedTask;
        });
    }
}
