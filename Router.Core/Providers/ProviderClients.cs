using System.Collections.Frozen;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Health;

namespace Router.Core.Providers;

/// <summary>Builds each provider's pipeline once: telemetry, first content, route statistics, the leaf of its dialect.</summary>
public sealed class ProviderClients : IProviderClients
{
    private readonly FrozenDictionary<string, IChatClient> _clients;

    public ProviderClients(ProviderRegistry providers, ProviderHttp http, IRouteStatistics statistics, AttemptCosts costs, TimeProvider time) =>
        _clients = providers.All.ToFrozenDictionary(provider => provider.Slug, provider => Build(provider, http.Invoker, statistics, costs, time));

    public IChatClient For(Provider provider) => _clients[provider.Slug];

    private static IChatClient Build(Provider provider, HttpMessageInvoker http, IRouteStatistics statistics, AttemptCosts costs, TimeProvider time) =>
        new ChatClientBuilder(Dialect.Of(provider.Definition.Dialect).Leaf(provider, http))
            .UseAttemptTelemetry(provider, costs)
            .UseFirstContent()
            .UseRouteStatistics(statistics, time)
            .Build();
}
