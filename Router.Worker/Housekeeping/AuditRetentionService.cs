using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Worker.Housekeeping;

/// <summary>Deletes audit entries beyond <c>Router:Audit:Retention</c>, once an hour, in batches. Any number of workers may run.</summary>
public sealed partial class AuditRetentionService(AuditStore audit, IConfiguration configuration, TimeProvider time, ILogger<AuditRetentionService> logger) : BackgroundService
{
    private const int BatchSize = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly TimeSpan _retention = ConfiguredTime.Retention(configuration, "Router:Audit:Retention", TimeSpan.FromDays(400));

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

    /// <returns>How many entries went.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var gone = 0;
        while (true)
        {
            if (await audit.PruneAsync(_retention, BatchSize, cancellationToken).ConfigureAwait(false) is not { } batch)
            {
                LogRefused(_retention.TotalDays);
                break;
            }

            gone += batch;
            if (batch < BatchSize)
                break;
        }

        if (gone > 0)
            LogGone(gone, _retention.TotalDays);
        return gone;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Every audit entry is older than {Days} days by PostgreSQL's clock: none is deleted. Look at that clock and at Router__Audit__Retention")]
    private partial void LogRefused(double days);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Gone} audit entries older than {Days} days are deleted")]
    private partial void LogGone(int gone, double days);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old audit entries cannot be deleted: Postgres does not answer")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Old audit entries can be deleted again")]
    private partial void LogRecovered();
}
