using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Router.Core.Limits;

public static class LimitServices
{
    /// <summary>Adds the inbound limits. Wants <c>AddRouterKeys</c>. Limits that are negative or too large fail the start.</summary>
    public static IServiceCollection AddRouterLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LimitOptions>()
            .Bind(configuration.GetSection(LimitOptions.Section))
            .Validate(
                options => options.RedisWait > TimeSpan.Zero && options.FailedKeysPerMinute >= 0 && options.FailedKeysInAllPerMinute >= 0 && options.ChangesPerMinute is >= 0 and <= LimitSettings.MostRequestsPerSecond && options.RequestsPerSecond is >= 0 and <= LimitSettings.MostRequestsPerSecond && options.TokensPerMinute is >= 0 and <= LimitSettings.MostTokensPerMinute,
                $"{LimitOptions.Section} takes RequestsPerSecond and ChangesPerMinute from 0 to {LimitSettings.MostRequestsPerSecond} and TokensPerMinute from 0 to {LimitSettings.MostTokensPerMinute}; 0 is no limit, of FailedKeysPerMinute and FailedKeysInAllPerMinute too. RedisWait is more than no time.")
            .ValidateOnStart();
        services.AddSingleton<RateLimiter>();
        services.AddSingleton<FailedKeys>();
        services.AddHostedService<LimitTending>();
        return services;
    }
}
