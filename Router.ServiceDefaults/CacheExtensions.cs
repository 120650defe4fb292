using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>The connection to Redis, as every service of the router has it.</summary>
public static class CacheExtensions
{
    private const string Name = "cache";

    /// <remarks>
    /// Aspire's health check calls a service without Redis unhealthy; <see cref="AddCacheCheck"/> calls it degraded. Its spans would stand
    /// inside the router's own, which have the errors.
    /// </remarks>
    public static void AddCache(this IHostApplicationBuilder builder) => builder.AddRedisClient(
        Name,
        settings =>
        {
            settings.DisableHealthChecks = true;
            settings.DisableTracing = true;
        },
        // Redis may come later than the service.
        options => options.AbortOnConnectFail = false);

    public static IHealthChecksBuilder AddCacheCheck(this IHealthChecksBuilder checks) => checks.AddCheck<RedisHealthCheck>(Name);
}
