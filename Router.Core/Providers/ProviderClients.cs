using System.Collections.Frozen;

namespace Router.Core.Providers;

/// <summary>Makes each provider's client once: the leaf of its dialect. Those of a set of providers that was swapped go with it.</summary>
public sealed class ProviderClients(ProviderRegistry providers, ProviderHttp http) : IProviderClients
{
    private volatile Made _made = new(providers.Current, http, null);

    public IProviderLeaf For(Provider provider)
    {
        Made made = _made;
        if (!ReferenceEquals(made.Of, providers.Current))
        {
            _made = made = new(providers.Current, http, made);
        }

        // A request may hold a provider as it was before the swap.
        return made.Leaves.TryGetValue(provider, out IProviderLeaf? leaf) ? leaf : Dialect.Of(provider.Definition.Dialect).Leaf(provider, http.Invoker);
    }

    /// <summary>The leaves of one set; what did not change keeps its own, with the tokens it holds.</summary>
    private sealed class Made(ProviderSet set, ProviderHttp http, Made? before)
    {
        public ProviderSet Of { get; } = set;

        public FrozenDictionary<Provider, IProviderLeaf> Leaves { get; } = set.All.ToFrozenDictionary(
            provider => provider,
            provider => before?.Leaves.GetValueOrDefault(provider) ?? Dialect.Of(provider.Definition.Dialect).Leaf(provider, http.Invoker),
            SameProvider.Instance);
    }
}
