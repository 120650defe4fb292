using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Api.Studio.Parts;

/// <summary>Lines of a key's history in words for people.</summary>
internal static class KeyHistoryWords
{
    public static string What(KeyHistoryEntry entry) => entry switch
    {
        { FromStatus: null, Version: 1 } => $"Saved: {StatusWords.Short(entry.ToStatus)}",
        { FromStatus: null } => $"Replaced: {StatusWords.Short(entry.ToStatus)}",
        { FromStatus: { } from } when from == entry.ToStatus => $"Still {StatusWords.Short(entry.ToStatus)}",
        { FromStatus: { } from } => $"{StatusWords.Short(from)} → {StatusWords.Short(entry.ToStatus)}",
    };

    public static string Why(KeyHistoryEntry entry) => entry switch
    {
        { Source: "save" } => $"saved{By(entry)}",
        { Source: "person" } => $"checked{By(entry)}",
        { Source: LiveProviderStore.HistorySource } => $"the provider was switched{By(entry)}",
        { Cause: "live_failure" } => "by the worker, as a request failed with it",
        { Cause: "person" } => "by the worker, as the administrator asked",
        { Cause: "schedule" } => "by the worker, on schedule",
        _ => "by the worker",
    };

    /// <summary>The failure class of requests that the state stands for, by the names of telemetry; null for a good key.</summary>
    public static string? Class(CredentialStatus status) => status switch
    {
        CredentialStatus.Valid => null,
        CredentialStatus.Invalid => FailureConsequences.Code(FailureClass.Credential),
        CredentialStatus.Quota => FailureConsequences.Code(FailureClass.Quota),
        CredentialStatus.RateLimited => FailureConsequences.Code(FailureClass.RateLimit),
        CredentialStatus.Limited => FailureConsequences.Code(FailureClass.ModelAccess),
        _ => status.ToText(),
    };

    private static string By(KeyHistoryEntry entry) => entry.Actor switch
    {
        null => "",
        AuditOrigin.Administrator => " by the administrator",
        AuditOrigin.RouterKey => $" with router key {entry.ActorId}",
        var other => $" by {other}",
    };
}
