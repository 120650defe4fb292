using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Limits;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>Registers providers and the request pipeline.</summary>
public static class RouterChatServices
{
    /// <summary>Providers, their transport and the key check; what the worker needs too.</summary>
    public static IServiceCollection AddProviders(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ProviderRegistry>();
        services.AddSingleton(provider => ModelCatalog.Load(provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<ProviderRegistry>()));
        services.AddOptions<RouteStatisticsOptions>().BindConfiguration(RouteStatisticsOptions.Section);
        services.AddSingleton<RouteStatistics>();
        services.AddSingleton<IRouteStatistics>(provider => provider.GetRequiredService<RouteStatistics>());
        services.AddSingleton<ProviderHttp>();
        services.AddSingleton<IProviderClients, ProviderClients>();
        services.AddSingleton<AttemptCosts>();
        services.AddSingleton<IKeyChecker, KeyChecker>();
        services.AddSingleton<InferenceProbe>();
        return services;
    }

    /// <summary>Shares route statistics between replicas. Wants what <c>AddRouterKeys</c> adds.</summary>
    public static IServiceCollection AddRouteStatisticsSharing(this IServiceCollection services) =>
        services.AddSingleton<RouteStatisticsStore>().AddHostedService<RouteStatisticsSync>();

    /// <summary>The outermost client: telemetry, planning, fallback. One instance serves all requests.</summary>
    public static IServiceCollection AddRouterChat(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddProviders();
        services.AddSingleton<IRequestObserver, ChatMetricsObserver>();
        ChatLimits limits = ChatLimits.Read(configuration);
        services.AddSingleton<RoutingKnowledge>();
        services.AddSingleton(provider => new Exploration(provider.GetRequiredService<IOptions<RouteStatisticsOptions>>().Value.ExploreEvery));
        services.AddChatClient(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var health = provider.GetRequiredService<ICredentialHealth>();
            return new ChatClientBuilder(new FallbackChatClient(provider.GetRequiredService<IProviderClients>(), health, limits, time))
                .UseRequestTelemetry(provider.GetRequiredService<AttemptCosts>(), [.. provider.GetServices<IRequestObserver>()])
                .UseRoutePlanning(provider.GetRequiredService<RoutingKnowledge>(), provider.GetRequiredService<Exploration>(), limits.Deadline, time)
                .Build(provider);
        });
        return services;
    }
}
