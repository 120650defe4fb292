using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Keys;
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
        services.AddSingleton<KeyChecker>();
        services.AddSingleton<IKeyChecker>(provider => new HonestKeyChecker(provider.GetRequiredService<KeyChecker>(), provider.GetRequiredService<ProviderRegistry>()));
        services.AddSingleton<InferenceProbe>();
        return services;
    }

    /// <summary>Shares route statistics between replicas. Wants what <c>AddRouterKeys</c> adds.</summary>
    public static IServiceCollection AddRouteStatisticsSharing(this IServiceCollection services) =>
        services.AddSingleton<RouteStatisticsStore>().AddHostedService<RouteStatisticsSync>();

    /// <summary>
    /// Observes ended requests in batches, a little later. Register it after what writes what observers collect: services stop in
    /// the opposite order.
    /// </summary>
    public static IServiceCollection AddObservationQueue(this IServiceCollection services) =>
        services.AddSingleton<ObservationQueue>().AddHostedService(provider => provider.GetRequiredService<ObservationQueue>());

    /// <summary>The outermost client: telemetry, planning, fallback. One instance serves all requests.</summary>
    public static IServiceCollection AddRouterChat(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddProviders();
        services.AddSingleton<SystemKeyCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<SystemKeyCheck>());
        services.AddHealthChecks().AddCheck<SystemKeyCheck>("system-keys");
        services.AddSingleton<IRequestObserver, ChatMetricsObserver>();
        services.AddSingleton(provider => new RequestObservation(
            provider.GetRequiredService<AttemptCosts>(), provider.GetService<ILogger<RequestObservation>>(), [.. provider.GetServices<IRequestObserver>()]));
        ChatLimits limits = ChatLimits.Read(configuration);
        services.TryAddSingleton(provider => new RouteBreakers(provider.GetRequiredService<TimeProvider>(), limits.BreakAfter));
        services.AddSingleton<AttemptClocks>();
        services.AddSingleton<RoutingKnowledge>();
        services.AddSingleton(provider => new Exploration(provider.GetRequiredService<IOptions<RouteStatisticsOptions>>().Value.ExploreEvery));
        services.AddChatClient(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var health = provider.GetRequiredService<ICredentialHealth>();
            return new ChatClientBuilder(new FallbackChatClient(
                provider.GetRequiredService<IProviderClients>(), health, limits, time, provider.GetRequiredService<IRouteStatistics>(), provider.GetRequiredService<AttemptCosts>(),
                provider.GetService<ISnapshotSource>() is { } snapshots ? new CurrentKeys(snapshots) { KeepsFromSimulator = true } : null,
                provider.GetRequiredService<RouteBreakers>(),
                provider.GetRequiredService<AttemptClocks>()))
                .UseRequestTelemetry(provider.GetRequiredService<RequestObservation>(), provider.GetService<ObservationQueue>())
                .UseRoutePlanning(provider.GetRequiredService<RoutingKnowledge>(), provider.GetRequiredService<Exploration>(), limits.Deadline, time)
                .Build(provider);
        });
        return services;
    }
}
