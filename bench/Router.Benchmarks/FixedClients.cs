using Microsoft.Extensions.AI;
using Router.Core.Providers;

namespace Router.Benchmarks;

internal sealed class FixedClients(IChatClient client) : IProviderClients
{
    public IChatClient For(Provider provider) => client;
}
