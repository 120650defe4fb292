namespace Router.Core.Health;

/// <summary>How long a failure keeps a credential back where the provider names no time.</summary>
public static class Cooldowns
{
    /// <summary>
    /// Longer than a request waits at the end of its chain, and than a stream is silent before its connection is kept alive: a lone rate
    /// limit without a time ends each time in the same way, as an answer with its own status.
    /// </summary>
    public static readonly TimeSpan RateLimitFirst = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan RateLimitMost = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Quota = TimeSpan.FromMinutes(10);

    /// <summary>Keys with no row in Postgres have no worker to revive them: live traffic tries again after this.</summary>
    public static readonly TimeSpan HalfOpen = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A saved key found dead. The worker's verdict comes sooner and outlives this; should it never come, one request tries
    /// the key again, and if that fails asks for a look again.
    /// </summary>
    public static readonly TimeSpan Dead = TimeSpan.FromMinutes(10);

    /// <summary>The longest a provider's word is taken for: a day, the longest window any of them counts in.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromDays(1);

    /// <summary>The same for a key that all workspaces share: one of them must not cost the others more.</summary>
    public static readonly TimeSpan MostShared = TimeSpan.FromMinutes(10);

    /// <summary>What a provider asked for, cut to what a key may be kept back for.</summary>
    /// <param name="credentialId">Tells whose key it is.</param>
    public static TimeSpan? Cut(TimeSpan? retryAfter, string credentialId) =>
        retryAfter > MostShared && IsShared(credentialId) ? MostShared : retryAfter;

    private static bool IsShared(string credentialId) => credentialId.StartsWith("system:", StringComparison.Ordinal);

    /// <param name="consecutive">Failures in a row, each after the cooldown before it had ended; from 1.</param>
    public static TimeSpan RateLimit(TimeSpan? retryAfter, int consecutive) =>
        Asked(retryAfter) ?? Min(RateLimitFirst * Math.Pow(2, Math.Clamp(consecutive - 1, 0, 16)), RateLimitMost);

    /// <summary>What the provider asked for, where it asked for something sensible.</summary>
    public static TimeSpan? Asked(TimeSpan? retryAfter) => retryAfter > TimeSpan.Zero ? Min(retryAfter.Value, Most) : null;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
