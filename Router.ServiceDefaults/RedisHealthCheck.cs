using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Does the cache answer. Its loss is degraded, not unhealthy: requests are served from local state then,
/// and an instance taken out of service for it would serve none.
/// </summary>
internal sealed class RedisHealthCheck(IServiceProvider services) : IHealthCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync().WaitAsync(s_patience, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or InvalidOperationException)
        {
            return HealthCheckResult.Degraded(exception: e);
        }
    }
}
