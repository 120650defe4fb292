using Router.Core.Failures;

namespace Router.Core.Providers;

/// <summary>What every leaf does once the headers of an answer are there.</summary>
internal static class ProviderAnswers
{
    /// <exception cref="ProviderException">The provider has refused.</exception>
    public static ValueTask AcceptAsync(HttpResponseMessage response, PreparedRequest request, ProviderDefinition provider, CancellationToken cancellationToken)
    {
        request.Attempt?.HeadersReceived(response, request.Key);
        EncodedAnswer.Decode(response);
        // One that sends no date is dated by our clock: a time to come back at counts from then, in an error that comes with 200 too.
        if (!response.Headers.NonValidated.Contains("Date"))
        {
            response.Headers.Date = request.Attempt?.Clock.Now;
        }

        return response.IsSuccessStatusCode ? ValueTask.CompletedTask : new(RefuseAsync(response, request, provider, cancellationToken));
    }

    private static async Task RefuseAsync(HttpResponseMessage response, PreparedRequest request, ProviderDefinition provider, CancellationToken cancellationToken)
    {
        byte[] error = await HttpBodies.ReadAsync(response, HttpBodies.LargestError, cancellationToken).ConfigureAwait(false);
        throw Dialect.Of(provider.Dialect).Classify(response, error, provider, request.Key);
    }
}
