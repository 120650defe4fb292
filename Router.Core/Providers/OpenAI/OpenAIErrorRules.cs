using System.Collections.Immutable;
using Router.Core.Failures;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// The dialect's errors as a table. A rule matches when all it names match: the status, a word that is the code or the
/// type, a part of the message. The first match decides; what no rule names is unknown.
/// </summary>
internal static class OpenAIErrorRules
{
    private sealed record Rule(FailureClass Failure, int Status = 0, string Word = "", string Text = "");

    private static readonly ImmutableArray<Rule> Words =
    [
        // No credit: several vendors say it under a status that means something else.
        new(FailureClass.Quota, Word: "insufficient_quota"),
        new(FailureClass.Quota, Word: "credit_balance_exhausted"),
        new(FailureClass.Quota, Word: "organization_spend_limit_exceeded"),
        new(FailureClass.Quota, Word: "project_spend_limit_exceeded"),
        new(FailureClass.Quota, Word: "organization_usage_limit_exceeded"),
        new(FailureClass.Quota, Word: "billing_not_active"),
        new(FailureClass.Quota, Word: "blocked_api_access"),
        new(FailureClass.Quota, Text: "used all available credits"),
        new(FailureClass.Quota, Text: "run out of credits"),
        new(FailureClass.Quota, Text: "monthly spending limit"),

        // The key lives and lacks a permission; OpenAI names it in words alone, without a code.
        new(FailureClass.ModelAccess, Status: 401, Word: "missing_scope"),
        new(FailureClass.ModelAccess, Status: 401, Word: "invalid_request_error", Text: "missing scopes: "),

        new(FailureClass.Credential, Word: "invalid_api_key"),
        new(FailureClass.Credential, Word: "wrong_api_key"),
        new(FailureClass.Credential, Word: "organization_restricted"),
        // Sent with status 400.
        new(FailureClass.Credential, Text: "incorrect api key provided"),
        new(FailureClass.Credential, Status: 400, Text: "has expired"),

        new(FailureClass.RegionBlocked, Word: "unsupported_country_region_territory"),
        new(FailureClass.ModelAccess, Word: "model_not_found"),
        new(FailureClass.ModelAccess, Word: "model_decommissioned"),

        // One request larger than the limit per minute: waiting does not help, shrinking does.
        new(FailureClass.CallerFault, Status: 429, Text: "request too large"),
        new(FailureClass.CallerFault, Status: 413),
        new(FailureClass.CallerFault, Word: "context_length_exceeded"),
        new(FailureClass.CallerFault, Word: "content_policy_violation"),

        // Capacity shared by all keys.
        new(FailureClass.Transient, Word: "queue_exceeded"),
        new(FailureClass.Transient, Word: "service_tier_capacity_exceeded"),
        new(FailureClass.Transient, Word: "capacity_exceeded"),
        new(FailureClass.Transient, Word: "3505"),
        new(FailureClass.Transient, Status: 429, Text: "model busy"),
        new(FailureClass.Transient, Status: 429, Word: "resource_unavailable"),
        // The model's own slip, sent with status 400.
        new(FailureClass.Transient, Word: "tool_use_failed"),

        new(FailureClass.RateLimit, Word: "rate_limit_exceeded"),
        new(FailureClass.RateLimit, Word: "rate_limit_error"),
        new(FailureClass.RateLimit, Word: "rate_limited"),
    ];

    private static readonly ImmutableArray<Rule> Statuses =
    [
        new(FailureClass.Credential, Status: 401),
        new(FailureClass.Quota, Status: 402),
        new(FailureClass.Quota, Status: 412),
        new(FailureClass.RegionBlocked, Status: 403, Text: "country"),
        new(FailureClass.RegionBlocked, Status: 403, Text: "region"),
        new(FailureClass.RegionBlocked, Status: 403, Text: "location"),
        new(FailureClass.RegionBlocked, Status: 403, Text: "network settings"),
        new(FailureClass.Credential, Status: 403, Text: "api key"),
        new(FailureClass.Credential, Status: 403, Text: "not authenticated"),
        new(FailureClass.ModelAccess, Status: 403),
        new(FailureClass.ModelAccess, Status: 404),
        new(FailureClass.Transient, Status: 408),
        new(FailureClass.RateLimit, Status: 429),
        new(FailureClass.Transient, Status: 498),
        new(FailureClass.CallerFault, Status: 400),
        new(FailureClass.CallerFault, Status: 405),
        new(FailureClass.CallerFault, Status: 409),
        new(FailureClass.CallerFault, Status: 410),
        new(FailureClass.CallerFault, Status: 415),
        new(FailureClass.CallerFault, Status: 422),
        new(FailureClass.CallerFault, Status: 424),
    ];

    public static (FailureClass Failure, bool ByWording) Classify(int status, OpenAIErrorBody error) =>
        // A server that fails may say anything in its body.
        status >= 500 ? (FailureClass.Transient, false)
        // A redirect is nobody's fault that a rule could know of.
        : status < 400 ? (FailureClass.Unknown, false)
        : First(Words, status, error) ?? First(Statuses, status, error) ?? (FailureClass.Unknown, false);

    /// <summary>An error event in a stream has no status of its own, unless it names one; a nameless one is a passing trouble.</summary>
    public static (FailureClass Failure, bool ByWording) ClassifyEvent(OpenAIErrorBody error)
    {
        int status = error.Status ?? (int.TryParse(error.Code, out int code) && code is >= 400 and < 600 ? code : 0);
        return status >= 500 ? (FailureClass.Transient, false)
            : First(Words, status, error) ?? First(Statuses, status, error)
            ?? (error.Type == "invalid_request_error" ? FailureClass.CallerFault : FailureClass.Transient, false);
    }

    private static (FailureClass Failure, bool ByWording)? First(ImmutableArray<Rule> rules, int status, OpenAIErrorBody error)
    {
        foreach (Rule rule in rules)
        {
            if ((rule.Status == 0 || rule.Status == status)
                && (rule.Word.Length == 0 || rule.Word == error.Code || rule.Word == error.Type)
                && (rule.Text.Length == 0 || error.Message.Contains(rule.Text, StringComparison.OrdinalIgnoreCase)))
            {
                return (rule.Failure, rule.Text.Length > 0);
            }
        }

        return null;
    }
}
