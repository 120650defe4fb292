using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Telemetry;

namespace Router.Core.Health;

/// <summary>
/// Shares health between replicas: takes what others publish and what Redis holds at start, and publishes what live
/// traffic found here. Redis slow or gone delays or loses a change, never a request.
/// </summary>
public sealed partial class HealthSync(
    CredentialHealth health, HealthOutbox outbox, CooldownStore store, TimeProvider time, ILogger<HealthSync> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(5);

    private volatile bool _reload = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        // Seen at 0 first, its rise is one that an alert can tell.
        KeyTelemetry.HealthDropped.Add(0);
        using var quiet = QuietScope.Begin();
        await store.StartedAsync(stoppingToken).ConfigureAwait(false);
        await Task.WhenAll(ReceiveAsync(stoppingToken), SendAsync(stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var outage = new OutageLog(LogOutage, LogRecovered);
        var (subscribed, prunedAt) = (false, time.GetTimestamp());
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                subscribed = subscribed || await store.SubscribeAsync(health.Apply, () => _reload = true, cancellationToken).ConfigureAwait(false);
                if (subscribed && _reload)
                    await LoadAsync(cancellationToken).ConfigureAwait(false);
                outage.Succeeded();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                outage.Failed(exception);
            }

            if (time.GetElapsedTime(prunedAt) >= PruneInterval)
            {
                health.Prune();
                prunedAt = time.GetTimestamp();
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            foreach (var change in await store.LoadAsync(linked.Token).ConfigureAwait(false))
                health.Apply(change);
        }
        catch
        {
            _reload = true;
            throw;
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var outage = new OutageLog(LogOutage, LogRecovered);
        await foreach (var change in outbox.Changes.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                using var span = CauseScope.Begin("share credential health", change.Traceparent);
                await store.ShareAsync(change, cancellationToken).ConfigureAwait(false);
                outage.Succeeded();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                outage.Failed(exception);
                // While Redis is away the outbox keeps the newest changes; this paces the tries.
                await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Credential health is not shared: Redis does not answer")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Credential health is shared again")]
    private partial void LogRecovered();
}
