using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Gives every failure of the dialect its class, from the status, the body, or an event in a stream that began well. The
/// rules are <see cref="GeminiErrorRules"/>; what the provider wrote is kept only where it is of use.
/// </summary>
internal static class GeminiErrors
{
    /// <summary>An answer with a failing status.</summary>
    public static ProviderException Classify(HttpResponseMessage response, byte[] body, ProviderDefinition provider, Secret? key)
    {
        int status = (int)response.StatusCode;
        GeminiErrorBody error = GeminiErrorBody.Parse(body);
        return Create(GeminiErrorRules.Classify(status, error, provider), status, error, response, provider, key);
    }

    /// <summary>
    /// Whether an error is in Google's envelope. Google's gateway stands before other publishers' models too, and answers for
    /// them in its own words.
    /// </summary>
    public static bool IsGoogles(byte[] body) => GeminiErrorBody.Parse(body) is { Code: not null, Word.Length: > 0 };

    /// <summary>An error in a 200: in an event, or as the whole body. Null when there is none.</summary>
    public static ProviderException? InStream(JsonObject body, HttpResponseMessage response, ProviderDefinition provider, Secret? key) =>
        body.Find("error") is { Kind: JsonTokenType.StartObject or JsonTokenType.String } ? Event(body.Text, response, provider, key) : null;

    /// <summary>A stream was asked for and something else came with a good status; an error may come in a list.</summary>
    public static ProviderException NotAStream(byte[] body, HttpResponseMessage response, ProviderDefinition provider, Secret? key) =>
        GeminiErrorBody.Parse(body) is { Message.Length: > 0 } or { Word.Length: > 0 }
            ? Event(body, response, provider, key)
            : new ProviderException(FailureClass.Transient, $"{provider.DisplayName} answered with something that is no event stream.") { Status = (int)response.StatusCode };

    /// <summary>A failure of the answer itself, whose status says that all is well.</summary>
    /// <param name="usage">What it was counted as all the same.</param>
    public static ProviderException Broken(HttpResponseMessage response, string message, MeteredUsage? usage = null) =>
        new(FailureClass.Transient, message) { Status = (int)response.StatusCode, UpstreamRequestId = HttpBodies.RequestId(response), Usage = usage };

    private static ProviderException Event(ReadOnlyMemory<byte> body, HttpResponseMessage response, ProviderDefinition provider, Secret? key)
    {
        GeminiErrorBody error = GeminiErrorBody.Parse(body);
        return Create(GeminiErrorRules.ClassifyEvent(error, provider), error.Code ?? (int)response.StatusCode, error, response, provider, key);
    }

    private static ProviderException Create(ErrorVerdict verdict, int status, GeminiErrorBody error, HttpResponseMessage response, ProviderDefinition provider, Secret? key) =>
        new(verdict.Failure, ErrorSentences.Of(verdict, status, provider))
        {
            Status = status,
            InAnswer = response.IsSuccessStatusCode,
            ByWording = verdict.ByWording,
            OfRequest = verdict.OfRequest,
            RetryAfter = ErrorSentences.MayPause(verdict) ? error.RetryDelay > TimeSpan.Zero ? error.RetryDelay : RetryAfter.FromHeaders(response) ?? error.RetryDelay : null,
            RetryAfterInWords = ErrorSentences.MayPause(verdict) ? RetryAfter.FromMessage(error.Message) : null,
            UpstreamRequestId = HttpBodies.RequestId(response, key),
            UpstreamError = verdict.Keeps(error.Message) ? verdict.Failure == FailureClass.ContextLength ? error.ForCaller(key) with { Code = ErrorSentences.TooLong } : error.ForCaller(key) : null,
        };
}
