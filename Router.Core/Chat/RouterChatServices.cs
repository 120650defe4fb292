using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Providers;

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
        services.AddSingleton<ProviderHttp>();
        services.AddSingleton<IProviderClients, ProviderClients>();
        services.AddSingleton<IKeyChecker, KeyChecker>();
        return services;
    }

    /// <summary>The outermost client: telemetry, planning, fallback. One instance serves all requests.</summary>
    public static IServiceCollection AddRouterChat(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddProviders();
        ChatLimits limits = ChatLimits.Read(configuration);
        services.AddChatClient(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var health = provider.GetRequiredService<ICredentialHealth>();
            return new ChatClientBuilder(new FallbackChatClient(provider.GetRequiredService<IProviderClients>(), health, limits, time))
                .UseRequestTelemetry()
                .UseRoutePlanning(provider.GetRequiredService<ModelCatalog>(), provider.GetRequiredService<ProviderRegistry>(), health, limits.Deadline, time)
                .Build(provider);
        });
        return services;
    }
}
