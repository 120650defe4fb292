using System.Globalization;
using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.Gemini;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>Gives every failure of the dialect its class, from the status, the body, or an event in a stream that began well.</summary>
internal static class AnthropicErrors
{
    /// <summary>An answer with a failing status.</summary>
    public static ProviderException Classify(HttpResponseMessage response, byte[] body, ProviderDefinition provider, Secret? key)
    {
        if (GeminiErrors.IsGoogles(body))
        {
            return GeminiErrors.Classify(response, body, provider, key);
        }

        int status = (int)response.StatusCode;
        return Create(status, OpenAIErrorBody.Parse(body), body, response, provider, key);
    }

    /// <summary>An error in a 200: an event, or the whole body. Null when there is none.</summary>
    public static ProviderException? InAnswer(JsonObject json, HttpResponseMessage response, ProviderDefinition provider, Secret? key) =>
        json.Find("error") is { Kind: JsonTokenType.StartObject } ? Create(null, OpenAIErrorBody.Parse(json.Text), json.Text, response, provider, key) : null;

    /// <summary>A stream was asked for and something else came with a good status.</summary>
    public static ProviderException NotAStream(byte[] body, HttpResponseMessage response, ProviderDefinition provider, Secret? key) =>
        (JsonObject.TryParse(JsonUnicode.Mend(body), out JsonObject? json) ? InAnswer(json, response, provider, key) : null)
        ?? new ProviderException(FailureClass.Transient, $"{provider.DisplayName} answered with something that is no event stream.");

    private static ProviderException Create(int? status, OpenAIErrorBody error, ReadOnlyMemory<byte> body, HttpResponseMessage response, ProviderDefinition provider, Secret? key)
    {
        ErrorVerdict verdict = AnthropicErrorRules.Classify(status, error.Type, status == 429 ? Detail(body) : "", error.Message, provider);
        return new ProviderException(verdict.Failure, ErrorSentences.Of(verdict, status, provider))
        {
            Status = status,
            InAnswer = response.IsSuccessStatusCode,
            ByWording = verdict.ByWording,
            OfRequest = verdict.OfRequest,
            RetryAfter = ErrorSentences.MayPause(verdict) && verdict.Failure != FailureClass.Quota ? RetryAfter.FromHeaders(response) ?? Reset(response) : null,
            UpstreamRequestId = HttpBodies.RequestId(response, key),
            UpstreamError = verdict.Keeps(error.Message) ? (error with { Code = verdict.Failure == FailureClass.ContextLength ? ErrorSentences.TooLong : error.Type, Param = null, Envelope = null }).ForCaller(key) : null,
        };
    }

    /// <summary>The code in the details of an error, such as why a rate limit is none.</summary>
    private static string Detail(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonUnicode.Mend(body), JsonDepth.Document);
            JsonElement details = GeminiJson.Member(GeminiJson.Member(document.RootElement, "error"), "details");
            return GeminiJson.Text(details, "error_code") ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    /// <summary>The latest reset among the limits that are used up, told in times of the provider's own clock.</summary>
    private static TimeSpan? Reset(HttpResponseMessage response)
    {
        TimeSpan? longest = null;
        foreach (string limit in (ReadOnlySpan<string>)["requests", "tokens", "input-tokens", "output-tokens"])
        {
            if (Header(response, $"anthropic-ratelimit-{limit}-remaining") == "0"
                && DateTimeOffset.TryParse(Header(response, $"anthropic-ratelimit-{limit}-reset"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
                && response.Headers.Date is { } now
                && (longest is null || at - now > longest))
            {
                longest = at > now ? at - now : TimeSpan.Zero;
            }
        }

        return longest;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault()?.Trim() : null;
}
