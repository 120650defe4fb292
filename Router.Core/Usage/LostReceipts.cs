using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>
/// Writes the receipts of what was under way in processes that are gone. Any API or worker may, however many there are. Right after an outage of
/// Postgres nobody may: those that live could not note anything either, and get their turn first.
/// </summary>
public sealed partial class LostReceipts(RunningStore store, TimeProvider time, ILogger<LostReceipts> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>As many notes have been missed as no process misses that lives.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);

    /// <summary>Settles nothing, and says whether Postgres answers.</summary>
    private static readonly TimeSpan Never = TimeSpan.FromDays(36_500);

    private long? _answersSince;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var outage = new OutageLog(LogOutage, LogRecovered);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken).ConfigureAwait(false);
                outage.Succeeded();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                outage.Failed(exception);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>How many receipts were written for processes that are gone.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var settles = _answersSince is { } since && time.GetElapsedTime(since) >= Silence;
            var lost = await store.SettleAsync(settles ? Silence : Never, cancellationToken).ConfigureAwait(false);
            _answersSince ??= time.GetTimestamp();
            if (lost > 0)
                LogLost(lost);
            return lost;
        }
        catch
        {
            _answersSince = null;
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lost} requests were under way in a process that is gone: their receipts have the outcome lost, and the tokens that were known")]
    private partial void LogLost(int lost);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was under way in processes that are gone cannot be settled: Postgres does not answer")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "What was under way in processes that are gone can be settled again")]
    private partial void LogRecovered();
}
