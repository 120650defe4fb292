using Router.Core.Providers;

namespace Router.Core.Keys;

/// <summary>What a check's outcome does to a key, and when to look again. Pure; the random source spreads the load.</summary>
public sealed class RevalidationPolicy(TimeSpan interval, Random random)
{
    private static readonly TimeSpan UnverifiableFirst = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeadFirst = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DeadMost = TimeSpan.FromHours(1);
    private static readonly TimeSpan RateLimitFirst = TimeSpan.FromSeconds(30);
    private const double Jitter = 0.1;

    /// <summary>The outcome of the check a new key gets when it is saved.</summary>
    public KeyVerdict First(KeyCheckResult result) => Decide(CredentialStatus.Unknown, null, 0, result);

    /// <param name="previous">The status so far.</param>
    /// <param name="previousDetail">What was said of it; kept with the status when the provider cannot be asked.</param>
    /// <param name="failures">Checks in a row that did not find it good.</param>
    public KeyVerdict Decide(CredentialStatus previous, string? previousDetail, int failures, KeyCheckResult result) => result.Outcome switch
    {
        KeyCheckOutcome.Valid => new(CredentialStatus.Valid, null, null, Spread(interval), 0),
        KeyCheckOutcome.Limited when !result.Quota => new(CredentialStatus.Limited, result.Message, null, Spread(interval), 0),
        KeyCheckOutcome.Limited => Dead(CredentialStatus.Quota, previous, failures, result.Message),
        KeyCheckOutcome.Invalid => Dead(CredentialStatus.Invalid, previous, failures, result.Message),
        KeyCheckOutcome.RateLimited => RateLimited(result, failures + 1),
        _ => Unverifiable(previous, previousDetail, failures + 1, result.Message),
    };

    /// <summary>No configured master key opens it. Looked at again, since configuration changes.</summary>
    public KeyVerdict Undecryptable(CredentialStatus previous, int failures) => Dead(
        CredentialStatus.Undecryptable, previous, failures, "No configured master key opens this key. Restore the master key, or save the provider key again.");

    private KeyVerdict Dead(CredentialStatus status, CredentialStatus previous, int failures, string detail)
    {
        // What counted before was of another kind: the back-off begins anew.
        var count = previous == status ? failures + 1 : 1;
        return new(status, detail, null, Spread(Grow(DeadFirst, count, DeadMost)), count);
    }

    private KeyVerdict RateLimited(KeyCheckResult result, int count)
    {
        var cooling = result.RetryAfter > TimeSpan.Zero ? Min(result.RetryAfter.Value, DeadMost) : Grow(RateLimitFirst, count, interval);
        return new(CredentialStatus.RateLimited, result.Message, cooling, cooling + Spread(TimeSpan.FromSeconds(1)), count);
    }

    private KeyVerdict Unverifiable(CredentialStatus previous, string? previousDetail, int count, string message)
    {
        var next = Spread(Grow(UnverifiableFirst, count, interval));
        // A provider that cannot be asked says nothing about the key: what was known of it stands.
        return previous is CredentialStatus.Unknown or CredentialStatus.Unverifiable or CredentialStatus.Undecryptable
            ? new(CredentialStatus.Unverifiable, message, null, next, count, Conclusive: false)
            : new(previous, previousDetail, null, next, count, Conclusive: false);
    }

    private static TimeSpan Grow(TimeSpan first, int count, TimeSpan most) => Min(first * Math.Pow(2, Math.Clamp(count - 1, 0, 16)), most);

    /// <summary>Ten percent either way: keys saved together drift apart.</summary>
    private TimeSpan Spread(TimeSpan span)
    {
        lock (random)
            return span * (1 + Jitter * (2 * random.NextDouble() - 1));
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
