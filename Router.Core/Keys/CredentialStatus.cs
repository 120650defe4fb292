namespace Router.Core.Keys;

/// <summary>What is known of a stored provider key. Kept in Postgres, shown by the control plane, shared through Redis.</summary>
public enum CredentialStatus
{
    /// <summary>Not checked yet.</summary>
    Unknown,

    Valid,

    /// <summary>Works, but cools down until the time the provider named.</summary>
    RateLimited,

    /// <summary>The account has no credit or is at its limit.</summary>
    Quota,

    /// <summary>Works for some models only, or lacks a permission.</summary>
    Limited,

    /// <summary>Wrong, expired or revoked.</summary>
    Invalid,

    /// <summary>No configured master key opens it.</summary>
    Undecryptable,

    /// <summary>The provider could not be asked; checked again soon.</summary>
    Unverifiable,
}
