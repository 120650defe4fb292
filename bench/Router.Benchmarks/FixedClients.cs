using Router.Core.Providers;

namespace Router.Benchmarks;

internal sealed class FixedClients(IProviderLeaf client) : IProviderClients
{
    public IProviderLeaf For(Provider provider) => client;
}
