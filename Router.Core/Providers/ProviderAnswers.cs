using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>What every leaf does once the headers of an answer are there.</summary>
internal static class ProviderAnswers
{
    /// <exception cref="ProviderException">The provider has refused.</exception>
    public static ValueTask AcceptAsync(HttpResponseMessage response, PreparedRequest request, ProviderDefinition provider, CancellationToken cancellationToken)
    {
        request.Attempt?.HeadersReceived(response, request.Key);
        return response.IsSuccessStatusCode ? ValueTask.CompletedTask : new(RefuseAsync(response, provider, request.Key, cancellationToken));
    }

    private static async Task RefuseAsync(HttpResponseMessage response, ProviderDefinition provider, Secret? key, CancellationToken cancellationToken)
    {
        byte[] error = await HttpBodies.ReadAsync(response, HttpBodies.LargestError, cancellationToken).ConfigureAwait(false);
        throw Dialect.Of(provider.Dialect).Classify(response, error, provider, key);
    }
}
