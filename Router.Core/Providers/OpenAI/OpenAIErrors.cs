using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.Gemini;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Gives every failure of the dialect its class, from the status, the body, or an event in a stream that began well. The
/// rules are <see cref="OpenAIErrorRules"/>; what the provider wrote is shown only for a fault of the caller.
/// </summary>
internal static class OpenAIErrors
{
    /// <summary>An answer with a failing status.</summary>
    public static ProviderException Classify(HttpResponseMessage response, byte[] body, ProviderDefinition provider, Secret? key)
    {
        if (GeminiErrors.IsGoogles(body))
        {
            return GeminiErrors.Classify(response, body, provider, key);
        }

        int status = (int)response.StatusCode;
        OpenAIErrorBody error = OpenAIErrorBody.Parse(body);
        return Create(OpenAIErrorRules.Classify(status, error), status, error, response, provider, key);
    }

    /// <summary>An error in a 200: in a chunk, or as the whole body. Null when there is none.</summary>
    public static ProviderException? InStream(JsonObject body, HttpResponseMessage response, ProviderDefinition provider, Secret? key)
    {
        bool isError = body.Find("error") is { Kind: not (JsonTokenType.Null or JsonTokenType.False) } || body.Is("object", "error"u8);
        // Some write an error's members flat, with nothing that says so.
        if (!isError && (body.Find("choices") is not null || (body.Find("message") ?? body.Find("detail")) is null))
        {
            return null;
        }

        OpenAIErrorBody error = OpenAIErrorBody.Parse(body.Text);
        (FailureClass Failure, bool ByWording) verdict = OpenAIErrorRules.ClassifyEvent(error);
        // The status of the answer says nothing: it was a good one.
        int? status = error.Status is >= 400 and < 600 ? error.Status : null;
        return Create(verdict, status, error, response, provider, key);
    }

    /// <summary>A stream was asked for and something else came with a good status.</summary>
    public static ProviderException NotAStream(byte[] body, HttpResponseMessage response, ProviderDefinition provider, Secret? key) =>
        (JsonObject.TryParse(body, out JsonObject? json) ? InStream(json, response, provider, key) : null)
        ?? new ProviderException(FailureClass.Transient, $"{provider.DisplayName} answered with something that is no event stream.") { Status = (int)response.StatusCode };

    private static ProviderException Create((FailureClass Failure, bool ByWording) verdict, int? status, OpenAIErrorBody error, HttpResponseMessage response, ProviderDefinition provider, Secret? key)
    {
        FailureClass failure = verdict.Failure;
        return new ProviderException(failure, Sentence(failure, status, provider))
        {
            Status = status,
            ByWording = verdict.ByWording,
            RetryAfter = failure is FailureClass.RateLimit or FailureClass.Transient or FailureClass.Quota
                ? RetryAfter.FromHeaders(response) ?? RetryAfter.FromMessage(error.Message) ?? (failure == FailureClass.RateLimit ? RetryAfter.FromLimits(response) : null)
                : null,
            UpstreamRequestId = HttpBodies.RequestId(response, key),
            UpstreamError = failure == FailureClass.CallerFault ? error.ForCaller(key) : null,
        };
    }

    /// <summary>What is said of a failure to anyone; never the provider's own words.</summary>
    public static string Sentence(FailureClass failure, int? status, ProviderDefinition provider)
    {
        string seen = status is { } code ? $"HTTP {code}" : "an error in a 200 answer";
        return failure switch
        {
            FailureClass.Credential => $"{provider.DisplayName} refused the key as wrong, expired or revoked ({seen}).",
            FailureClass.Quota => $"The key's {provider.DisplayName} account has no credit left or reached a spending limit ({seen}).",
            FailureClass.RateLimit => $"{provider.DisplayName} asks this key to slow down ({seen}).",
            FailureClass.ModelAccess => $"{provider.DisplayName} does not offer this model to this key ({seen}).",
            FailureClass.RegionBlocked => $"{provider.DisplayName} does not serve this location ({seen}).",
            FailureClass.Transient => $"{provider.DisplayName} failed or is overloaded ({seen}).",
            FailureClass.Affinity => $"{provider.DisplayName} refused opaque state as not issued to this key ({seen}).",
            FailureClass.CallerFault => $"{provider.DisplayName} refused the request itself ({seen}).",
            _ => $"{provider.DisplayName} answered in a way no rule names ({seen}).",
        };
    }
}
