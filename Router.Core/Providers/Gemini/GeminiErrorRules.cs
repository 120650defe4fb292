using System.Collections.Immutable;
using Router.Core.Failures;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// The dialect's errors as a table. Google gives reasons in its details; its sentences quote what callers sent, so that they are
/// matched whole, under their status, where no reason is documented.
/// </summary>
internal static class GeminiErrorRules
{
    private const string Precondition = "FAILED_PRECONDITION";

    internal static ImmutableArray<ErrorRule> Rules { get; } =
    [
        // Reasons. A key that is wrong or expired is answered with 400.
        new(FailureClass.Credential, Word: "API_KEY_INVALID"),
        new(FailureClass.Credential, Word: "API_KEY_EXPIRED"),
        new(FailureClass.Credential, Word: "CONSUMER_SUSPENDED"),
        new(FailureClass.Credential, Word: "CONSUMER_INVALID"),
        new(FailureClass.Credential, Word: "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
        new(FailureClass.Credential, Word: "ACCESS_TOKEN_EXPIRED"),
        new(FailureClass.Quota, Word: "BILLING_DISABLED"),
        // The key is known; its project or its restrictions do not let it do this.
        new(FailureClass.ModelAccess, Word: "API_KEY_SERVICE_BLOCKED"),
        new(FailureClass.ModelAccess, Word: "SERVICE_DISABLED"),
        new(FailureClass.ModelAccess, Word: "IAM_PERMISSION_DENIED"),

        // What a status leaves open and only a sentence says.
        new(FailureClass.Credential, 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
        new(FailureClass.Credential, 400, "INVALID_ARGUMENT", "API key expired. Please renew the API key."),
        new(FailureClass.Credential, 403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
        new(FailureClass.Credential, 403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers*"),
        new(FailureClass.Quota, 403, "PERMISSION_DENIED", "This API method requires billing to be enabled*"),
        new(FailureClass.Quota, 429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted*"),
        // A limit of nothing at all: the model is not part of the key's plan.
        new(FailureClass.ModelAccess, 429, "RESOURCE_EXHAUSTED", "*, limit: 0,*"),
        new(FailureClass.ModelAccess, 429, "RESOURCE_EXHAUSTED", "*, limit: 0\n*"),
        new(FailureClass.ModelAccess, 429, "RESOURCE_EXHAUSTED", "*, limit: 0"),
        // A day's share of one model leaves the key its others.
        new(FailureClass.RateLimit, 429) { Quota = "PerModel", EveryQuota = true },
        new(FailureClass.Quota, 429) { Quota = "PerDay" },
        new(FailureClass.RegionBlocked, 400, Precondition, "User location is not supported*"),
        new(FailureClass.RegionBlocked, 400, Precondition, "*: location is not supported*"),
        // What the caller refers to, not what its key may do.
        new(FailureClass.CallerFault, 400, Precondition, "The File * is not in an ACTIVE state*"),
        new(FailureClass.CallerFault, 403, "PERMISSION_DENIED", "You do not have permission to access the File*"),
        // The vendor has shut the project out: none of its models answers any more.
        new(FailureClass.Credential, 403, "PERMISSION_DENIED", "Your project has been denied access*"),
        new(FailureClass.Quota, 400, Precondition, "*billing*"),
        new(FailureClass.Quota, 400, Precondition, "*free tier*"),
        new(FailureClass.ContextLength, 400, "INVALID_ARGUMENT", "*input token count*exceeds the maximum number of tokens*"),
        new(FailureClass.ContextLength, 400, "INVALID_ARGUMENT", "*input token count is*only supports up to*"),
        new(FailureClass.Affinity, 400, Text: "*corrupted thought signature*"),
        new(FailureClass.Affinity, 400, Text: "*thought signature is not valid*"),

        new(FailureClass.ModelAccess, Word: Precondition),
        new(FailureClass.Credential, 401),
        new(FailureClass.Credential, Word: "UNAUTHENTICATED"),
        new(FailureClass.Quota, 402),
        new(FailureClass.ModelAccess, 403),
        new(FailureClass.ModelAccess, Word: "PERMISSION_DENIED"),
        new(FailureClass.ModelAccess, 404),
        new(FailureClass.ModelAccess, Word: "NOT_FOUND"),
        new(FailureClass.RateLimit, 429),
        new(FailureClass.RateLimit, Word: "RESOURCE_EXHAUSTED"),
        new(FailureClass.Transient, 408),
        new(FailureClass.Transient, 409),
        new(FailureClass.Transient, 499),
        new(FailureClass.Transient, Word: "UNAVAILABLE"),
        new(FailureClass.Transient, Word: "INTERNAL"),
        new(FailureClass.Transient, Word: "DEADLINE_EXCEEDED"),
        new(FailureClass.Transient, Word: "CANCELLED"),
        new(FailureClass.CallerFault, 400),
        new(FailureClass.CallerFault, 405),
        new(FailureClass.CallerFault, 413),
        new(FailureClass.CallerFault, 415),
        new(FailureClass.CallerFault, 422),
        new(FailureClass.CallerFault, Word: "INVALID_ARGUMENT"),
        new(FailureClass.CallerFault, Word: "OUT_OF_RANGE"),
    ];

    public static ErrorVerdict Classify(int status, GeminiErrorBody error, ProviderDefinition provider) =>
        ErrorTable.Classify(Facts(status, error), provider.ErrorRules, Rules, FailureClass.Unknown);

    /// <summary>An error in a stream that began well; a nameless one is a passing trouble.</summary>
    public static ErrorVerdict ClassifyEvent(GeminiErrorBody error, ProviderDefinition provider) =>
        ErrorTable.Classify(Facts(error.Code is >= 400 and { } code ? code : 0, error), provider.ErrorRules, Rules, FailureClass.Transient);

    private static ErrorFacts Facts(int status, GeminiErrorBody error) => new(status, error.Message, [error.Word, .. error.Reasons]) { Quotas = error.Quotas };
}
