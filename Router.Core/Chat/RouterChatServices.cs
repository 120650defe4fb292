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
        services.AddSingleton<InferenceProbe>();
        return services;
    }

    /// <summary>The outermost client: telemetry, planning, fallback. One instance serves all requests.</summary>
    public static IServiceCollection AddRouterChat(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddProviders();
        IConfigurationSection section = configuration.GetSection("Router:Timeouts");
        AttemptLimits defaults = AttemptLimits.Default;
        var limits = new AttemptLimits(
            section.GetValue("Header", defaults.Header),
            section.GetValue("FirstToken", defaults.FirstToken),
            section.GetValue("Idle", defaults.Idle),
            section.GetValue("Total", defaults.Total));
        TimeSpan deadline = section.GetValue("Deadline", TimeSpan.FromMinutes(30));
        services.AddChatClient(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var health = provider.GetRequiredService<ICredentialHealth>();
            return new ChatClientBuilder(new FallbackChatClient(provider.GetRequiredService<IProviderClients>(), health, limits, time))
                .UseRequestTelemetry([.. provider.GetServices<IRequestObserver>()])
                .UseRoutePlanning(provider.GetRequiredService<ModelCatalog>(), provider.GetRequiredService<ProviderRegistry>(), health, deadline, time)
                .Build(provider);
        });
        return services;
    }
}
