using System.Collections.Frozen;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers;

/// <summary>Makes each provider's client once: the leaf of its dialect.</summary>
public sealed class ProviderClients(ProviderRegistry providers, ProviderHttp http) : IProviderClients
{
    private readonly FrozenDictionary<string, IChatClient> _clients = providers.All.ToFrozenDictionary(
        provider => provider.Slug, provider => Dialect.Of(provider.Definition.Dialect).Leaf(provider, http.Invoker));

    public IChatClient For(Provider provider) => _clients[provider.Slug];
}
