using System.Collections.Immutable;
using Router.Core.Failures;

namespace Router.Core.Providers.OpenAI;

/// <summary>The dialect's errors as a table; what only one vendor says stands in <see cref="ProviderTable"/>.</summary>
internal static class OpenAIErrorRules
{
    private const string InvalidRequest = "invalid_request_error";

    internal static ImmutableArray<ErrorRule> Rules { get; } =
    [
        // Codes. No credit is said under many statuses.
        new(FailureClass.Quota, Word: "insufficient_quota"),
        new(FailureClass.Quota, Word: "credit_balance_exhausted"),
        new(FailureClass.Quota, Word: "organization_spend_limit_exceeded"),
        new(FailureClass.Quota, Word: "project_spend_limit_exceeded"),
        new(FailureClass.Quota, Word: "organization_usage_limit_exceeded"),
        new(FailureClass.Quota, Word: "billing_not_active"),
        new(FailureClass.Quota, Word: "billing_hard_limit_reached"),
        new(FailureClass.Credential, Word: "invalid_api_key"),
        new(FailureClass.Credential, Word: "wrong_api_key"),
        new(FailureClass.Credential, Word: "expired_api_key"),
        new(FailureClass.Credential, Word: "account_deactivated"),
        new(FailureClass.RegionBlocked, Word: "unsupported_country_region_territory"),
        new(FailureClass.RegionBlocked, 403, "region_not_supported"),
        new(FailureClass.RegionBlocked, 403, "region_blocked"),
        new(FailureClass.ModelAccess, Word: "model_not_found"),
        new(FailureClass.ModelAccess, Word: "model_decommissioned"),
        new(FailureClass.ModelAccess, Word: "invalid_model"),
        new(FailureClass.ModelAccess, Word: "model_terms_required"),
        // The key lives; it may be used from elsewhere.
        new(FailureClass.ModelAccess, 401, "ip_not_authorized"),
        new(FailureClass.ContextLength, Word: "context_length_exceeded"),
        new(FailureClass.ContextLength, Word: "exceed_context_size_error"),
        new(FailureClass.CallerFault, Word: "content_policy_violation"),
        new(FailureClass.CallerFault, Word: "content_filter"),
        // Capacity shared by all keys.
        new(FailureClass.Transient, Word: "capacity_exceeded"),
        new(FailureClass.Transient, Word: "engine_overloaded"),
        new(FailureClass.Transient, Word: "engine_overloaded_error"),
        new(FailureClass.Transient, Word: "server_is_overloaded"),
        new(FailureClass.Transient, Word: "overloaded_error"),
        new(FailureClass.Transient, 429, "server_error"),
        new(FailureClass.Transient, 429, "service_unavailable_error"),
        new(FailureClass.Transient, 429, "resource_unavailable"),

        // One request larger than its key's limit for a minute: another key may have more, and this one serves smaller requests.
        new(FailureClass.RateLimit, 413, "rate_limit_exceeded") { OfRequest = true },
        new(FailureClass.RateLimit, 413, "tokens") { OfRequest = true },
        new(FailureClass.RateLimit, 413, Text: "*tokens per min*") { OfRequest = true },
        new(FailureClass.RateLimit, 429, Text: "Request too large*") { OfRequest = true },
        new(FailureClass.Transient, 429, Text: "*currently overloaded*"),
        new(FailureClass.RateLimit, Word: "rate_limit_exceeded"),
        new(FailureClass.RateLimit, Word: "rate_limit_error"),
        new(FailureClass.RateLimit, Word: "rate_limited"),
        new(FailureClass.RateLimit, Word: "too_many_requests_error"),

        // What a status leaves open and only a sentence says.
        new(FailureClass.ContextLength, 400, Text: "*maximum context length is*"),
        new(FailureClass.ContextLength, 400, Text: "*maximum context length:*"),
        new(FailureClass.ContextLength, 400, Text: "*context length is only*"),
        // The servers that serve open models, under many vendors' names.
        new(FailureClass.ContextLength, 400, Text: "*exceeds the model's maximum context length*"),
        new(FailureClass.ContextLength, 400, Text: "*exceeds model's maximum context length*"),
        new(FailureClass.ContextLength, 400, Text: "*is longer than the model's context length*"),
        new(FailureClass.ContextLength, 400, Text: "*is longer than the maximum model length*"),
        new(FailureClass.ContextLength, 400, Text: "*`inputs` tokens + `max_new_tokens` must be <=*"),
        new(FailureClass.ContextLength, 422, Text: "*`inputs` tokens + `max_new_tokens` must be <=*"),
        new(FailureClass.ContextLength, 422, Text: "*`inputs` must have less than * tokens*"),
        new(FailureClass.ContextLength, 400, Text: "*reduce the length of the messages*"),
        new(FailureClass.ContextLength, 400, Text: "*prompt is too long*"),
        new(FailureClass.ContextLength, 413, Text: "*maximum context length*"),
        new(FailureClass.ContextLength, 422, Text: "*maximum context length*"),
        // The key lives and lacks a permission; OpenAI names it in words alone, without a code.
        new(FailureClass.ModelAccess, 401, "missing_scope"),
        new(FailureClass.ModelAccess, 401, InvalidRequest, "*Missing scopes: *"),
        new(FailureClass.Credential, 400, Text: "API key has expired*"),
        new(FailureClass.Credential, 400, Text: "Your API key has expired*"),
        new(FailureClass.Credential, 403, Text: "*invalid api key*"),
        new(FailureClass.Credential, 403, Text: "*incorrect api key*"),
        new(FailureClass.Credential, 403, Text: "*api key*is not valid*"),
        new(FailureClass.Credential, 403, Text: "*api key*is invalid*"),
        new(FailureClass.Credential, 403, Text: "*api key*expired*"),
        new(FailureClass.Credential, 403, Text: "*api key*revoked*"),
        new(FailureClass.Credential, 403, Text: "*api key*disabled*"),
        new(FailureClass.Credential, 403, Text: "*api key*blocked*"),
        new(FailureClass.RegionBlocked, 403, Text: "Access from your region is not *"),
        new(FailureClass.RegionBlocked, 403, Text: "Access from your country is not *"),
        new(FailureClass.RegionBlocked, 403, Text: "*is not available in your region*"),
        new(FailureClass.RegionBlocked, 403, Text: "*is not available in your country*"),
        // Not found is what was asked for, unless it is the model.
        new(FailureClass.ModelAccess, 404, "not_found"),
        new(FailureClass.ModelAccess, 404) { Param = "model" },
        new(FailureClass.ModelAccess, 404, Text: "*model*does not exist*"),
        new(FailureClass.CallerFault, 404, InvalidRequest),

        new(FailureClass.Credential, 401),
        new(FailureClass.Quota, 402),
        new(FailureClass.ModelAccess, 403),
        new(FailureClass.ModelAccess, 404),
        new(FailureClass.Transient, 408),
        new(FailureClass.RateLimit, 429),
        new(FailureClass.CallerFault, 400),
        new(FailureClass.CallerFault, 405),
        new(FailureClass.CallerFault, 409),
        new(FailureClass.CallerFault, 410),
        new(FailureClass.CallerFault, 413),
        new(FailureClass.CallerFault, 415),
        new(FailureClass.CallerFault, 422),
        new(FailureClass.CallerFault, 424),
    ];

    public static ErrorVerdict Classify(int status, OpenAIErrorBody error, ProviderDefinition provider) =>
        ErrorTable.Classify(Facts(status, error), provider.ErrorRules, Rules, FailureClass.Unknown);

    /// <summary>An error event in a stream has no status of its own, unless it names one; a nameless one is a passing trouble.</summary>
    public static ErrorVerdict ClassifyEvent(OpenAIErrorBody error, ProviderDefinition provider) =>
        ErrorTable.Classify(
            Facts(error.Status ?? (int.TryParse(error.Code, out int code) && code is >= 400 and < 600 ? code : 0), error),
            provider.ErrorRules,
            Rules,
            error.Type == InvalidRequest ? FailureClass.CallerFault : FailureClass.Transient);

    private static ErrorFacts Facts(int status, OpenAIErrorBody error) => new(status, error.Message, [error.Code, error.Type]) { Param = error.Param };
}
