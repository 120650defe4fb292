using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.Gemini;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Gives every failure of the dialect its class, from the status, the body, or an event in a stream that began well. The
/// rules are <see cref="OpenAIErrorRules"/>; what the provider wrote is kept only where it is of use.
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
        return Create(OpenAIErrorRules.Classify(status, error, provider), status, error, response, provider, key);
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
        ErrorVerdict verdict = OpenAIErrorRules.ClassifyEvent(error, provider);
        // The status of the answer says nothing: it was a good one.
        int? status = error.Status is >= 400 and < 600 ? error.Status : null;
        return Create(verdict, status, error, response, provider, key);
    }

    /// <summary>A stream was asked for and something else came with a good status.</summary>
    public static ProviderException NotAStream(byte[] body, HttpResponseMessage response, ProviderDefinition provider, Secret? key) =>
        (JsonObject.TryParse(JsonUnicode.Mend(body), out JsonObject? json) ? InStream(json, response, provider, key) : null)
        ?? new ProviderException(FailureClass.Transient, $"{provider.DisplayName} answered with something that is no event stream.") { Status = (int)response.StatusCode };

    private static ProviderException Create(ErrorVerdict verdict, int? status, OpenAIErrorBody error, HttpResponseMessage response, ProviderDefinition provider, Secret? key)
    {
        FailureClass failure = verdict.Failure;
        string scopes = failure == FailureClass.ModelAccess ? MissingScopes.Of(error.Message) : "";
        return new ProviderException(failure, scopes.Length > 0 ? ErrorSentences.LacksPermission(scopes, status, provider) : ErrorSentences.Of(verdict, status, provider))
        {
            Status = status,
            InAnswer = response.IsSuccessStatusCode,
            ByWording = verdict.ByWording,
            OfRequest = verdict.OfRequest,
            RetryAfter = ErrorSentences.MayPause(verdict) ? RetryAfter.FromHeaders(response) ?? (failure == FailureClass.RateLimit ? RetryAfter.FromLimits(response) : null) : null,
            RetryAfterInWords = ErrorSentences.MayPause(verdict) ? RetryAfter.FromMessage(error.Message) : null,
            UpstreamRequestId = HttpBodies.RequestId(response, key),
            UpstreamError = verdict.Keeps(error.Message) ? error.ForCaller(key) : null,
        };
    }
}
