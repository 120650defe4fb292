namespace Router.Core.Keys;

/// <summary>The names of <see cref="CredentialStatus"/> in Postgres, in the control plane and on spans.</summary>
public static class CredentialStatusText
{
    public static string ToText(this CredentialStatus status) => status switch
    {
        CredentialStatus.Valid => "valid",
        CredentialStatus.RateLimited => "rate_limited",
        CredentialStatus.Quota => "quota",
        CredentialStatus.Limited => "limited",
        CredentialStatus.Invalid => "invalid",
        CredentialStatus.Undecryptable => "undecryptable",
        CredentialStatus.Unverifiable => "unverifiable",
        _ => "unknown",
    };

    /// <summary>A name written by a later version of the router reads as unknown.</summary>
    public static CredentialStatus Parse(string text) => text switch
    {
        "valid" => CredentialStatus.Valid,
        "rate_limited" => CredentialStatus.RateLimited,
        "quota" => CredentialStatus.Quota,
        "limited" => CredentialStatus.Limited,
        "invalid" => CredentialStatus.Invalid,
        "undecryptable" => CredentialStatus.Undecryptable,
        "unverifiable" => CredentialStatus.Unverifiable,
        _ => CredentialStatus.Unknown,
    };
}
