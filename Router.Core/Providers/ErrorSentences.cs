using Router.Core.Failures;

namespace Router.Core.Providers;

/// <summary>What is said of a provider's failure to anyone, in any dialect; never the provider's own words.</summary>
internal static class ErrorSentences
{
    /// <summary>OpenAI's code for a prompt that is too long, for dialects that have none.</summary>
    public const string TooLong = "context_length_exceeded";

    /// <param name="status">Null for an error in a 200.</param>
    public static string Of(ErrorVerdict verdict, int? status, ProviderDefinition provider)
    {
        string seen = Seen(status);
        return verdict switch
        {
            { Failure: FailureClass.RateLimit, OfRequest: true } => $"{provider.DisplayName} says that the request is larger than this key's limit for a minute ({seen}).",
            { Failure: FailureClass.Transient, OfRequest: true } => $"The model at {provider.DisplayName} did not keep to the tools or the format it was given ({seen}).",
            { Failure: FailureClass.Credential } => $"{provider.DisplayName} refused the key as wrong, expired or revoked ({seen}).",
            { Failure: FailureClass.Quota } => $"The key's {provider.DisplayName} account has no billing, no credit or no quota left, or reached a spending limit ({seen}).",
            { Failure: FailureClass.RateLimit } => $"{provider.DisplayName} asks this key to slow down ({seen}).",
            { Failure: FailureClass.ModelAccess } => $"{provider.DisplayName} does not offer this model to this key ({seen}).",
            { Failure: FailureClass.RegionBlocked } => $"{provider.DisplayName} does not serve this location ({seen}).",
            { Failure: FailureClass.Transient } => $"{provider.DisplayName} failed or is overloaded ({seen}).",
            { Failure: FailureClass.Affinity } => $"{provider.DisplayName} refused opaque state as not issued to this key ({seen}).",
            { Failure: FailureClass.ContextLength } => $"{provider.DisplayName} says that the prompt is too long for this model ({seen}).",
            { Failure: FailureClass.CallerFault } => $"{provider.DisplayName} refused the request itself ({seen}).",
            _ => $"{provider.DisplayName} answered in a way no rule names ({seen}).",
        };
    }

    /// <param name="scopes">As <see cref="MissingScopes"/> lets them pass.</param>
    public static string LacksPermission(string scopes, int? status, ProviderDefinition provider) =>
        $"{provider.DisplayName} knows the key, but it lacks the permission {scopes} ({Seen(status)}).";

    /// <summary>Whether a time to come back says anything: of what passes by itself, and is not about this request alone.</summary>
    public static bool MayPause(ErrorVerdict verdict) =>
        !verdict.OfRequest && verdict.Failure is FailureClass.RateLimit or FailureClass.Transient or FailureClass.Quota;

    private static string Seen(int? status) => status is { } code ? $"HTTP {code}" : "an error in a 200 answer";
}
