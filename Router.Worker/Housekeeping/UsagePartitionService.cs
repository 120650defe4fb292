using Microsoft.Extensions.Options;
using Router.Core.Keys;
using Router.Core.Telemetry;
using Router.Core.Usage;

namespace Router.Worker.Housekeeping;

/// <summary>Makes tomorrow's partitions of the usage table and drops those beyond <c>Router:Usage:Retention</c>, every hour.</summary>
public sealed partial class UsagePartitionService(UsagePartitions partitions, IOptions<UsageOptions> options, TimeProvider time, ILogger<UsagePartitionService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var outage = new OutageLog(LogOutage, LogRecovered);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await partitions.TendAsync(options.Value.Retention, stoppingToken).ConfigureAwait(false);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The partitions of the usage table cannot be tended: Postgres does not answer")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The partitions of the usage table can be tended again")]
    private partial void LogRecovered();
}
