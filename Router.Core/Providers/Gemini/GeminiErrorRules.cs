using System.Collections.Immutable;
using Router.Core.Failures;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// The dialect's errors as a table. A rule matches when all it names match: the status, the canonical word, a reason, a part
/// of a quota's id, a part of the message. The first match decides; what no rule names is unknown.
/// </summary>
internal static class GeminiErrorRules
{
    private sealed record Rule(FailureClass Failure, int Status = 0, string Word = "", string Reason = "", string Quota = "", string Text = "");

    private static readonly ImmutableArray<Rule> Rules =
    [
        // A key that is wrong or expired is answered with 400.
        new(FailureClass.Credential, Reason: "API_KEY_INVALID"),
        new(FailureClass.Credential, Reason: "API_KEY_EXPIRED"),
        new(FailureClass.Credential, Text: "api key not valid"),
        new(FailureClass.Credential, Text: "api key expired"),
        new(FailureClass.Credential, Text: "reported as leaked"),
        new(FailureClass.Credential, Text: "unregistered callers"),
        new(FailureClass.Credential, Reason: "CONSUMER_SUSPENDED"),
        new(FailureClass.Credential, Reason: "CONSUMER_INVALID"),
        new(FailureClass.Credential, Reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
        new(FailureClass.Credential, Reason: "ACCESS_TOKEN_EXPIRED"),

        new(FailureClass.Quota, Reason: "BILLING_DISABLED"),
        new(FailureClass.Quota, Text: "credits are depleted"),
        // A limit of nothing at all: the model is not part of the key's plan.
        new(FailureClass.ModelAccess, Status: 429, Text: "limit: 0\n"),
        new(FailureClass.ModelAccess, Status: 429, Text: "limit: 0,"),
        new(FailureClass.Quota, Status: 429, Quota: "PerDay"),

        new(FailureClass.RegionBlocked, Word: "FAILED_PRECONDITION", Text: "location is not supported"),
        new(FailureClass.Quota, Word: "FAILED_PRECONDITION", Text: "billing"),
        new(FailureClass.Quota, Word: "FAILED_PRECONDITION", Text: "free tier"),
        new(FailureClass.ModelAccess, Word: "FAILED_PRECONDITION"),

        // The key is known; its project or its restrictions do not let it do this.
        new(FailureClass.ModelAccess, Reason: "API_KEY_SERVICE_BLOCKED"),
        new(FailureClass.ModelAccess, Reason: "SERVICE_DISABLED"),
        new(FailureClass.ModelAccess, Reason: "IAM_PERMISSION_DENIED"),

        new(FailureClass.Credential, Status: 401),
        new(FailureClass.Credential, Word: "UNAUTHENTICATED"),
        new(FailureClass.Quota, Status: 402),
        new(FailureClass.Credential, Status: 403, Text: "api key"),
        new(FailureClass.RegionBlocked, Status: 403, Text: "location"),
        new(FailureClass.Quota, Status: 403, Text: "billing"),
        new(FailureClass.ModelAccess, Status: 403),
        new(FailureClass.ModelAccess, Word: "PERMISSION_DENIED"),
        new(FailureClass.ModelAccess, Status: 404),
        new(FailureClass.ModelAccess, Word: "NOT_FOUND"),
        new(FailureClass.RateLimit, Status: 429),
        new(FailureClass.RateLimit, Word: "RESOURCE_EXHAUSTED"),

        new(FailureClass.Transient, Status: 408),
        new(FailureClass.Transient, Status: 409),
        new(FailureClass.Transient, Status: 499),
        new(FailureClass.Transient, Word: "UNAVAILABLE"),
        new(FailureClass.Transient, Word: "INTERNAL"),
        new(FailureClass.Transient, Word: "DEADLINE_EXCEEDED"),
        new(FailureClass.Transient, Word: "CANCELLED"),

        new(FailureClass.Affinity, Status: 400, Text: "corrupted thought signature"),
        new(FailureClass.Affinity, Status: 400, Text: "thought signature is not valid"),
        new(FailureClass.CallerFault, Status: 400),
        new(FailureClass.CallerFault, Status: 405),
        new(FailureClass.CallerFault, Status: 413),
        new(FailureClass.CallerFault, Status: 415),
        new(FailureClass.CallerFault, Status: 422),
        new(FailureClass.CallerFault, Word: "INVALID_ARGUMENT"),
        new(FailureClass.CallerFault, Word: "OUT_OF_RANGE"),
    ];

    public static FailureClass Classify(int status, GeminiErrorBody error) =>
        // A server that fails may say anything in its body.
        status >= 500 ? FailureClass.Transient
        // A redirect is nobody's fault that a rule could know of.
        : status < 400 ? FailureClass.Unknown
        : First(status, error) ?? FailureClass.Unknown;

    /// <summary>An error in a stream that began well; a nameless one is a passing trouble.</summary>
    public static FailureClass ClassifyEvent(GeminiErrorBody error) =>
        error.Code >= 500 ? FailureClass.Transient : First(error.Code ?? 0, error) ?? FailureClass.Transient;

    private static FailureClass? First(int status, GeminiErrorBody error)
    {
        string message = error.Message + "\n";
        foreach (Rule rule in Rules)
        {
            if ((rule.Status == 0 || rule.Status == status)
                && (rule.Word.Length == 0 || rule.Word.Equals(error.Word, StringComparison.OrdinalIgnoreCase))
                && (rule.Reason.Length == 0 || error.Reasons.Contains(rule.Reason))
                && (rule.Quota.Length == 0 || error.Quotas.Any(quota => quota.Contains(rule.Quota, StringComparison.Ordinal)))
                && (rule.Text.Length == 0 || message.Contains(rule.Text, StringComparison.OrdinalIgnoreCase)))
            {
                return rule.Failure;
            }
        }

        return null;
    }
}
