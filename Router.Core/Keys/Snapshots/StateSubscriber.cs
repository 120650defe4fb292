using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Limits;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>Hears <c>router:state</c> in Redis and signals the refresher. The client resubscribes by itself after a reconnect.</summary>
public sealed partial class StateSubscriber(RedisAccess redis, SnapshotRefresher refresher, TimeProvider time, ILogger<StateSubscriber> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        await redis.StartedAsync(stoppingToken).ConfigureAwait(false);
        var outage = new OutageLog(LogOutage, LogRecovered);
        var subscription = new RedisSubscription(StateChannel.Channel, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await redis.GetAsync(stoppingToken).ConfigureAwait(false) is not { } multiplexer)
                    return;
                await subscription.StartAsync(multiplexer, _ => refresher.Signal("redis"), stoppingToken).ConfigureAwait(false);
                outage.Succeeded();
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                outage.Failed(exception);
                await Task.Delay(Retry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not subscribed to changes in Redis; Postgres carries them")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Subscribed to changes in Redis again")]
    private partial void LogRecovered();
}
