using System.Collections.Immutable;
using Router.Core.Failures;

namespace Router.Core.Providers.Anthropic;

/// <summary>The dialect's errors as a table.</summary>
internal static class AnthropicErrorRules
{
    private const string InvalidRequest = "invalid_request_error";

    internal static ImmutableArray<ErrorRule> Rules { get; } =
    [
        new(FailureClass.Quota, Word: "billing_error"),
        // The tier's monthly cap comes as a rate limit; no pause helps before the month is over.
        new(FailureClass.Quota, Word: "enforced_spend_limit_reached"),
        new(FailureClass.Credential, Word: "authentication_error"),
        // The edge refuses a location without the usual envelope.
        new(FailureClass.RegionBlocked, 403, "forbidden"),
        new(FailureClass.ModelAccess, Word: "permission_error"),
        new(FailureClass.ModelAccess, Word: "not_found_error"),
        new(FailureClass.RateLimit, Word: "rate_limit_error"),
        new(FailureClass.Transient, Word: "overloaded_error"),
        new(FailureClass.Transient, Word: "api_error"),
        new(FailureClass.Transient, Word: "timeout_error"),

        // An account in trouble is said under the status of a bad request.
        new(FailureClass.Quota, 400, InvalidRequest, "Your credit balance is too low*"),
        new(FailureClass.Quota, 400, InvalidRequest, "You have reached your specified*API usage limits*"),
        new(FailureClass.Credential, 400, InvalidRequest, "This organization has been disabled*"),
        new(FailureClass.ContextLength, 400, InvalidRequest, "prompt is too long*"),
        new(FailureClass.ContextLength, 413, InvalidRequest, "prompt is too long*"),
        new(FailureClass.ContextLength, 400, InvalidRequest, "input length and `max_tokens` exceed context limit: *"),
        new(FailureClass.Affinity, 400, Text: "*invalid `signature` in `thinking` block*"),

        new(FailureClass.CallerFault, Word: "request_too_large"),
        new(FailureClass.CallerFault, Word: "conflict_error"),
        new(FailureClass.Credential, 401),
        new(FailureClass.Quota, 402),
        new(FailureClass.ModelAccess, 403),
        new(FailureClass.ModelAccess, 404),
        new(FailureClass.Transient, 408),
        new(FailureClass.RateLimit, 429),
        new(FailureClass.CallerFault, 400),
        new(FailureClass.CallerFault, 409),
        new(FailureClass.CallerFault, 413),
        new(FailureClass.CallerFault, 422),
        // As an event, which has no status.
        new(FailureClass.CallerFault, Word: InvalidRequest),
    ];

    /// <param name="status">Null for an event of a stream; a nameless one is a passing trouble.</param>
    /// <param name="detail">The code its details name.</param>
    public static ErrorVerdict Classify(int? status, string type, string detail, string message, ProviderDefinition provider) =>
        ErrorTable.Classify(new ErrorFacts(status ?? 0, message, [detail, type]), provider.ErrorRules, Rules, status is null ? FailureClass.Transient : FailureClass.Unknown);
}
