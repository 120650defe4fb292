using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Router.Core.Usage;

/// <summary>
/// Whether receipts could be put aside on disk when it was last tried, for <c>/health</c> and the log, which hears of it once each way. A spool
/// that is of no use is degraded, not unhealthy: receipts wait in memory, and an instance taken out of service would serve nobody.
/// </summary>
public sealed partial class SpoolState(ILogger<SpoolState> logger) : IHealthCheck
{
    private volatile Exception? _trouble;

    public bool IsUsable => _trouble is null;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        _trouble is { } trouble ? HealthCheckResult.Degraded("receipts cannot be put aside on disk", trouble) : HealthCheckResult.Healthy());

    internal void Worked()
    {
        if (_trouble is null)
            return;
        _trouble = null;
        LogUsable();
    }

    internal void Failed(Exception exception)
    {
        var news = _trouble is null;
        _trouble = exception;
        if (news)
            LogUnusable(exception);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool of usage records cannot be used; what Postgres does not take waits in memory")]
    private partial void LogUnusable(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The spool of usage records can be used again")]
    private partial void LogUsable();
}
