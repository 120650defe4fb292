using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>
/// Notes once a second what has been under way in this process for longer than that, so that it is known should the process be killed. No request
/// takes part in it. Register it before what writes receipts: it ends after that, when nothing runs and nothing is left to write.
/// </summary>
public sealed partial class RunningJournal(RunningReceipts running, RunningStore store, TimeProvider time, ILogger<RunningJournal> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How often it is asked again after nothing ran, until the last rows are gone.</summary>
    private const int Quiet = 5;

    /// <summary>This process, among all that there were.</summary>
    private readonly Guid _process = Guid.NewGuid();

    private int _notes;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var outage = new OutageLog(LogOutage, LogRecovered);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await TryAsync(() => NoteAsync(stoppingToken), outage).ConfigureAwait(false);
        }

        if (_notes > 0)
        {
            using var patience = new CancellationTokenSource(Patience, time);
            await TryAsync(() => store.ForgetAsync(_process, patience.Token), outage).ConfigureAwait(false);
        }
    }

    /// <summary>Asks Postgres only while something runs, and shortly after.</summary>
    internal async Task NoteAsync(CancellationToken cancellationToken)
    {
        var now = running.Now();
        _notes = now.Count > 0 ? Quiet : Math.Max(_notes - 1, 0);
        if (_notes > 0)
            await store.NoteAsync(_process, now, cancellationToken).ConfigureAwait(false);
    }

    private static async Task TryAsync(Func<Task> step, OutageLog outage)
    {
        try
        {
            await step().ConfigureAwait(false);
            outage.Succeeded();
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        catch (Exception exception)
        {
            outage.Failed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is under way cannot be noted: were this process killed now, its answers would leave no receipts")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "What is under way can be noted again")]
    private partial void LogRecovered();
}
