using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Worker.Revalidation;

/// <summary>Moves every stored key to the newest master key, in batches, while everything keeps running.</summary>
public sealed partial class RewrapService(RewrapStore store, IConfiguration configuration, TimeProvider time, ILogger<RewrapService> logger) : BackgroundService
{
    private const int BatchSize = 100;

    private readonly TimeSpan _interval = ConfiguredTime.Interval(configuration, "Router:Rewrap:Interval", TimeSpan.FromMinutes(1));

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

            await Task.Delay(_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One pass over every key not yet under the newest master key.</summary>
    /// <returns>How many were moved.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var (moved, left, after) = (0, 0, Guid.Empty);
        while (true)
        {
            var batch = await store.RewrapAsync(after, BatchSize, cancellationToken).ConfigureAwait(false);
            moved += batch.Rewrapped;
            left += batch.Seen - batch.Rewrapped;
            if (batch.Seen < BatchSize)
                break;
            after = batch.Last;
        }

        if (moved > 0)
            LogMoved(moved, left);
        return moved;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Moved} provider keys moved to the newest master key; {Left} have a master key that is not configured")]
    private partial void LogMoved(int moved, int left);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Provider keys cannot be re-wrapped: Postgres does not answer")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Provider keys can be re-wrapped again")]
    private partial void LogRecovered();
}
