using System.Collections.Immutable;
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
    private sealed record Rule(FailureClass Failure, int Status = 0, string Type = "", string Text = "");

    /// <summary>The first rule that matches in all it names decides.</summary>
    private static readonly ImmutableArray<Rule> Rules =
    [
        new(FailureClass.Quota, Type: "billing_error"),
        new(FailureClass.Quota, Status: 402),
        // No credit is said under the status of a bad request.
        new(FailureClass.Quota, Status: 400, Text: "credit balance is too low"),
        new(FailureClass.Credential, Type: "authentication_error"),
        new(FailureClass.Credential, Status: 401),
        // The edge refuses a location without the usual envelope.
        new(FailureClass.RegionBlocked, Status: 403, Type: "forbidden"),
        new(FailureClass.ModelAccess, Type: "permission_error"),
        new(FailureClass.ModelAccess, Status: 403),
        new(FailureClass.ModelAccess, Type: "not_found_error"),
        new(FailureClass.ModelAccess, Status: 404),
        new(FailureClass.RateLimit, Type: "rate_limit_error"),
        new(FailureClass.RateLimit, Status: 429),
        new(FailureClass.Transient, Type: "overloaded_error"),
        new(FailureClass.Transient, Type: "api_error"),
        new(FailureClass.Transient, Type: "timeout_error"),
        new(FailureClass.Transient, Status: 408),
        new(FailureClass.Affinity, Status: 400, Text: "invalid `signature` in `thinking` block"),
        new(FailureClass.CallerFault, Type: "invalid_request_error"),
        new(FailureClass.CallerFault, Type: "request_too_large"),
        new(FailureClass.CallerFault, Type: "conflict_error"),
        new(FailureClass.CallerFault, Status: 400),
        new(FailureClass.CallerFault, Status: 409),
        new(FailureClass.CallerFault, Status: 413),
        new(FailureClass.CallerFault, Status: 422),
    ];

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
        (JsonObject.TryParse(body, out JsonObject? json) ? InAnswer(json, response, provider, key) : null)
        ?? new ProviderException(FailureClass.Transient, $"{provider.DisplayName} answered with something that is no event stream.");

    private static ProviderException Create(int? status, OpenAIErrorBody error, ReadOnlyMemory<byte> body, HttpResponseMessage response, ProviderDefinition provider, Secret? key)
    {
        (FailureClass failure, bool byWording) = Decide(status, error, body);
        return new ProviderException(failure, OpenAIErrors.Sentence(failure, status, provider))
        {
            Status = status,
            ByWording = byWording,
            RetryAfter = failure is FailureClass.RateLimit or FailureClass.Transient ? RetryAfter.FromHeaders(response) ?? Reset(response) : null,
            UpstreamRequestId = HttpBodies.RequestId(response, key),
            UpstreamError = failure is FailureClass.CallerFault or FailureClass.Affinity ? (error with { Code = error.Type, Param = null, Envelope = null }).ForCaller(key) : null,
        };
    }

    private static (FailureClass Failure, bool ByWording) Decide(int? status, OpenAIErrorBody error, ReadOnlyMemory<byte> body)
    {
        if (status >= 500)
        {
            return (FailureClass.Transient, false);
        }

        // A redirect is nobody's fault that a rule could know of.
        if (status < 400)
        {
            return (FailureClass.Unknown, false);
        }

        // The tier's monthly cap comes as a rate limit; no pause helps before the month is over.
        if (status == 429 && body.Span.IndexOf("\"enforced_spend_limit_reached\""u8) >= 0)
        {
            return (FailureClass.Quota, false);
        }

        foreach (Rule rule in Rules)
        {
            if ((rule.Status == 0 || rule.Status == status)
                && (rule.Type.Length == 0 || rule.Type == error.Type)
                && (rule.Text.Length == 0 || error.Message.Contains(rule.Text, StringComparison.OrdinalIgnoreCase)))
            {
                return (rule.Failure, rule.Text.Length > 0);
            }
        }

        // An error event of a kind nobody knows is a passing trouble; a status nobody knows is not retried.
        return (status is null ? FailureClass.Transient : FailureClass.Unknown, false);
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
