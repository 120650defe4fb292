using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Router.Core.Keys;

/// <summary>Ready once the stored state was read; stays ready on the last snapshot when Postgres goes away.</summary>
public sealed class SnapshotHealthCheck(SnapshotCache cache) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(cache.IsLoaded
            ? HealthCheckResult.Healthy($"state version {cache.Current.Version}")
            : HealthCheckResult.Unhealthy("the stored state was not read yet"));
}
