using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Core.Health;

/// <summary>
/// Asks the worker for an early look at keys that failed a request: at most once per key version in 30 s. A failure inside
/// that time asks for a look at its end rather than none, so that a key marked dead here never waits for the regular one.
/// While Postgres is away a request is kept and tried again: the key is skipped meanwhile, so that nothing else would ask.
/// </summary>
public sealed partial class RecheckRequester(HealthOutbox outbox, KeyCheckStore store, TimeProvider time, ILogger<RecheckRequester> logger) : BackgroundService
{
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private const int MaxRemembered = 10_000;

    private readonly Dictionary<(Guid Id, int Version), DateTimeOffset> _lookAt = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var outage = new OutageLog(LogOutage, LogRecovered);
        try
        {
            await foreach (var request in outbox.Rechecks.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                if (Delay(request) is not { } delay)
                    continue;
                while (!await TryAskAsync(request, delay, outage, stoppingToken).ConfigureAwait(false))
                    await Task.Delay(Retry, time, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; a look not asked for is the regular one's.
        }
    }

    /// <returns>False when it is worth another try.</returns>
    private async Task<bool> TryAskAsync(RecheckRequest request, TimeSpan delay, OutageLog outage, CancellationToken cancellationToken)
    {
        try
        {
            using var span = CauseScope.Begin("request key check", request.Traceparent);
            await store.RequestRecheckAsync(request.Id, request.WorkspaceId, request.Version, delay, request.Traceparent, cancellationToken).ConfigureAwait(false);
            outage.Succeeded();
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            outage.Failed(exception);
            if (exception is not PostgresException { IsTransient: false })
                return false;
            // Not for want of a database: this one would fail for ever and hold up the others.
            _lookAt.Remove((request.Id, request.Version));
            return true;
        }
    }

    /// <returns>How long the worker may wait; null when a look is already asked for and still to come.</returns>
    internal TimeSpan? Delay(RecheckRequest request)
    {
        var now = time.GetUtcNow();
        var last = _lookAt.GetValueOrDefault((request.Id, request.Version));
        if (last > now)
            return null;
        if (_lookAt.Count >= MaxRemembered)
            _lookAt.Clear();
        var next = last + Spacing > now ? last + Spacing : now;
        _lookAt[(request.Id, request.Version)] = next;
        return next - now;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Early re-checks cannot be asked for; keys are checked on schedule")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Early re-checks can be asked for again")]
    private partial void LogRecovered();
}
