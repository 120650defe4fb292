namespace Router.Core.Providers;

/// <summary>What a live check of a provider key found.</summary>
public enum KeyCheckOutcome
{
    Valid,

    /// <summary>Wrong, expired or revoked: not stored.</summary>
    Invalid,

    /// <summary>Works, but lacks a permission, a model or credit: stored only when forced.</summary>
    Limited,

    /// <summary>The provider asks to slow down; the key itself is accepted: stored.</summary>
    RateLimited,

    /// <summary>The provider could not be asked: stored, marked, checked again soon.</summary>
    Unverifiable,
}

/// <param name="Message">A sentence for the person who saves the key; says what to do; never holds any part of a key.</param>
/// <param name="Quota">With <see cref="KeyCheckOutcome.Limited"/>: the reason is missing credit or billing.</param>
public sealed record KeyCheckResult(KeyCheckOutcome Outcome, string Message, TimeSpan? RetryAfter = null, int? UpstreamStatus = null, bool Quota = false);
