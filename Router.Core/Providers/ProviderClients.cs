using System.Collections.Frozen;

namespace Router.Core.Providers;

/// <summary>Makes each provider's client once: the leaf of its dialect.</summary>
public sealed class ProviderClients(ProviderRegistry providers, ProviderHttp http) : IProviderClients
{
    private readonly FrozenDictionary<string, IProviderLeaf> _clients = providers.All.ToFrozenDictionary(
        provider => provider.Slug, provider => Dialect.Of(provider.Definition.Dialect).Leaf(provider, http.Invoker));

    public IProviderLeaf For(Provider provider) => _clients[provider.Slug];
}
