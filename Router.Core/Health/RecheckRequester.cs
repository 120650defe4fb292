using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Core.Health;

/// <summary>
/// Asks the worker for an early look at keys that failed a request: at most once per key version in 30 s. A failure inside
/// that time asks for a look at its end rather than none, so that a key marked dead here never waits for the regular one.
/// </summary>
public sealed partial class RecheckRequester(HealthOutbox outbox, KeyCheckStore store, TimeProvider time, ILogger<RecheckRequester> logger) : BackgroundService
{
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(30);
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
                try
                {
                    using var span = CauseScope.Begin("request key check", request.Traceparent);
                    await store.RequestRecheckAsync(request.Id, request.WorkspaceId, request.Version, delay, request.Traceparent, stoppingToken)
                        .ConfigureAwait(false);
                    outage.Succeeded();
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    _lookAt.Remove((request.Id, request.Version));
                    outage.Failed(exception);
                }
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; a look not asked for is the regular one's.
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
