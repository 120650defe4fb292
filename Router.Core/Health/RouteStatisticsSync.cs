using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Telemetry;

namespace Router.Core.Health;

/// <summary>
/// Shares route statistics between replicas: what others publish and what Redis holds at start comes in, what was measured
/// here goes out. Redis slow or gone only makes each replica rank by its own traffic.
/// </summary>
public sealed partial class RouteStatisticsSync(
    RouteStatistics statistics, RouteStatisticsStore store, IOptions<RouteStatisticsOptions> options, TimeProvider time, ILogger<RouteStatisticsSync> logger) : BackgroundService
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _interval = options.Value.ShareInterval > LeastInterval ? options.Value.ShareInterval : LeastInterval;
    private volatile bool _reload = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        await store.StartedAsync(stoppingToken).ConfigureAwait(false);
        var outage = new OutageLog(LogOutage, LogRecovered);
        var (subscribed, prunedAt) = (false, time.GetTimestamp());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                subscribed = subscribed || await store.SubscribeAsync(statistics.Apply, () => _reload = true, stoppingToken).ConfigureAwait(false);
                if (subscribed && _reload)
                    await LoadAsync(stoppingToken).ConfigureAwait(false);
                await SendAsync(stoppingToken).ConfigureAwait(false);
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

            if (time.GetElapsedTime(prunedAt) >= PruneInterval)
            {
                statistics.Prune();
                prunedAt = time.GetTimestamp();
            }

            await Task.Delay(_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(LoadTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        // Before the load: a connection restored during it asks for another one.
        _reload = false;
        try
        {
            foreach (var (route, sum, age) in await store.LoadAsync(linked.Token).ConfigureAwait(false))
                statistics.Adopt(route, sum, age);
        }
        catch
        {
            _reload = true;
            throw;
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var (routes, shared) = (statistics.TakeUnshared(), 0);
        try
        {
            foreach (var chunk in routes.Chunk(RouteStatisticsStore.RoutesPerMessage))
            {
                await store.ShareAsync(chunk, cancellationToken).ConfigureAwait(false);
                shared += chunk.Length;
            }
        }
        catch
        {
            statistics.GiveBack(routes.Skip(shared));
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Route statistics are not shared: Redis does not answer")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Route statistics are shared again")]
    private partial void LogRecovered();
}
