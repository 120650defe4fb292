using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Providers;

/// <summary>What the rest of the core needs of a wire dialect: one line per dialect, its folder has the rest.</summary>
/// <param name="Leaf">Makes the client that speaks it.</param>
/// <param name="Classify">Gives a failed HTTP answer its class. The key is passed only so that it can be kept out of what is shown.</param>
internal sealed record Dialect(
    Func<Provider, HttpMessageInvoker, IChatClient> Leaf,
    Func<HttpResponseMessage, byte[], ProviderDefinition, Secret?, ProviderException> Classify)
{
    public static Dialect Of(WireDialect dialect) => dialect switch
    {
        WireDialect.OpenAI => new((provider, http) => new OpenAIChatClient(provider, http), OpenAIErrors.Classify),
        _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "This dialect has no leaf."),
    };
}
