using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>What every leaf does once the headers of an answer are there.</summary>
internal static class ProviderAnswers
{
    /// <param name="key">Only so that it can be kept out of what is shown.</param>
    /// <exception cref="ProviderException">The provider has refused.</exception>
    public static ValueTask AcceptAsync(HttpResponseMessage response, ChatOptions? options, ProviderDefinition provider, Secret? key, CancellationToken cancellationToken)
    {
        (options as RouterChatOptions)?.Attempt?.HeadersReceived(response);
        return response.IsSuccessStatusCode ? ValueTask.CompletedTask : new(RefuseAsync(response, provider, key, cancellationToken));
    }

    private static async Task RefuseAsync(HttpResponseMessage response, ProviderDefinition provider, Secret? key, CancellationToken cancellationToken)
    {
        byte[] error = await HttpBodies.ReadAsync(response, HttpBodies.LargestError, cancellationToken).ConfigureAwait(false);
        throw Dialect.Of(provider.Dialect).Classify(response, error, provider, key);
    }
}
