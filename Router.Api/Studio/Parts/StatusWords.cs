using Router.Core.Keys;

namespace Router.Api.Studio.Parts;

/// <summary>Key statuses in words for people.</summary>
internal static class StatusWords
{
    public static string Of(CredentialStatus status) => status switch
    {
        CredentialStatus.Valid => "works",
        CredentialStatus.RateLimited => "works, but is rate limited now",
        CredentialStatus.Quota => "has no credit or billing",
        CredentialStatus.Limited => "works, but not for everything",
        CredentialStatus.Invalid => "wrong, expired or revoked",
        CredentialStatus.Undecryptable => "cannot be opened with the master keys this router has",
        CredentialStatus.Unverifiable => "not verified yet: the provider could not be asked",
        _ => "not checked yet",
    };

    /// <summary>The same in a word or two, for a badge.</summary>
    public static string Short(CredentialStatus status) => status switch
    {
        CredentialStatus.Valid => "Valid",
        CredentialStatus.RateLimited => "Rate limited",
        CredentialStatus.Quota => "No credit",
        CredentialStatus.Limited => "Limited",
        CredentialStatus.Invalid => "Invalid",
        CredentialStatus.Undecryptable => "Undecryptable",
        CredentialStatus.Unverifiable => "Unverified",
        _ => "Unchecked",
    };
}
