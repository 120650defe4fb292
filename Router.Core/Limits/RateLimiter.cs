using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Core.Limits;

/// <summary>
/// The inbound limits of workspaces and router keys, shared by all replicas through Redis. A replica answers from leases it
/// holds; see <see cref="LimitBucket"/> for the bounds, with Redis and without.
/// </summary>
public sealed class RateLimiter
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Subject, RequestBucket> _requests = new();
    private readonly ConcurrentDictionary<Subject, TokenBucket> _tokens = new();
    private readonly ConcurrentDictionary<Subject, RequestBucket> _changes = new();
    private readonly Func<Subject, RequestBucket> _newRequests;
    private readonly Func<Subject, RequestBucket> _newChanges;
    private readonly Func<Subject, TokenBucket> _newTokens;
    private readonly LimitOptions _options;

    public RateLimiter(RedisAccess redis, IOptions<LimitOptions> options, TimeProvider time)
        : this(new RedisLimitCounter(redis, time), options.Value, LimitTimings.Default with { Wait = options.Value.RedisWait }, time, new Random())
    {
    }

    internal RateLimiter(ILimitCounter counter, LimitOptions options, LimitTimings timings, TimeProvider time, Random random)
    {
        _options = options;
        var pulse = new RedisPulse(timings, time, random);
        _newRequests = subject => new(subject.Key("requests"), counter, pulse, timings, time);
        _newChanges = subject => new(subject.Key("changes"), counter, pulse, timings, time);
        _newTokens = subject => new(subject.Key("tokens"), counter, pulse, timings, time);
    }

    /// <summary>
    /// Admits or refuses a request. Makes no network call while a lease is held; else waits once for Redis, at most <see cref="LimitOptions.RedisWait"/>,
    /// and decides on this replica alone when there is no answer by then. A refused request counts nowhere.
    /// </summary>
    /// <param name="key">Null for a request that no key sends, as from the Studio: the workspace's limits alone hold.</param>
    public async ValueTask<LimitDecision> AdmitAsync(Workspace workspace, RouterKey? key, CancellationToken cancellationToken)
    {
        var (ofKey, ofWorkspace) = (key is null ? default : Subject.Of(key), Subject.Of(workspace));
        LimitStatus? tokens = null, requests = null;
        var rule = new LimitRule(key?.Limits.TokensPerMinute ?? 0, Minute);
        if (rule.Amount > 0 && Refuses(await _tokens.GetOrAdd(ofKey, _newTokens).AskAsync(rule, cancellationToken).ConfigureAwait(false), ofKey, LimitTelemetry.Tokens, ref tokens) is { } byKeyTokens)
            return new(null, tokens, byKeyTokens);
        rule = new(TokensOf(workspace), Minute);
        if (rule.Amount > 0 && Refuses(await _tokens.GetOrAdd(ofWorkspace, _newTokens).AskAsync(rule, cancellationToken).ConfigureAwait(false), ofWorkspace, LimitTelemetry.Tokens, ref tokens) is { } byTokens)
            return new(null, tokens, byTokens);

        LimitVerdict? taken = null;
        rule = new(key?.Limits.RequestsPerSecond ?? 0, Second);
        if (rule.Amount > 0)
        {
            taken = await _requests.GetOrAdd(ofKey, _newRequests).AskAsync(rule, cancellationToken).ConfigureAwait(false);
            if (Refuses(taken.Value, ofKey, LimitTelemetry.Requests, ref requests) is { } byKey)
                return new(requests, tokens, byKey);
        }

        rule = new(workspace.Policy.Limits.RequestsPerSecond ?? _options.RequestsPerSecond, Second);
        if (rule.Amount > 0)
        {
            LimitRefusal? refusal = null;
            var admitted = false;
            try
            {
                refusal = Refuses(await _requests.GetOrAdd(ofWorkspace, _newRequests).AskAsync(rule, cancellationToken).ConfigureAwait(false), ofWorkspace, LimitTelemetry.Requests, ref requests);
                admitted = refusal is null;
            }
            finally
            {
                if (!admitted && taken is { } verdict)
                    _requests.GetOrAdd(ofKey, _newRequests).GiveBack(verdict);
            }

            if (refusal is not null)
                return new(requests, tokens, refusal);
        }

        return new(requests, tokens, null);
    }

    /// <summary>Admits or refuses a change of stored state by a workspace's own key: each is read anew by every replica, or asks a provider.</summary>
    /// <returns>Null when it may go on.</returns>
    public async ValueTask<LimitRefusal?> AdmitChangeAsync(string workspaceId, CancellationToken cancellationToken)
    {
        if (_options.ChangesPerMinute <= 0)
            return null;
        var subject = new Subject(LimitTelemetry.Workspace, workspaceId, workspaceId);
        LimitStatus? status = null;
        var verdict = await _changes.GetOrAdd(subject, _newChanges).AskAsync(new(_options.ChangesPerMinute, Minute), cancellationToken).ConfigureAwait(false);
        return Refuses(verdict, subject, LimitTelemetry.Changes, ref status);
    }

    /// <summary>Charges what an admitted request has used.</summary>
    public void Charge(Workspace workspace, RouterKey? key, long tokens)
    {
        if (tokens <= 0)
            return;
        // The bucket may have been forgotten while a long answer ran.
        if (key?.Limits.TokensPerMinute is > 0 and var keyLimit)
            _tokens.GetOrAdd(Subject.Of(key), _newTokens).Charge(new(keyLimit, Minute), tokens);
        if (TokensOf(workspace) is > 0 and var workspaceLimit)
            _tokens.GetOrAdd(Subject.Of(workspace), _newTokens).Charge(new(workspaceLimit, Minute), tokens);
    }

    /// <summary>Gives idle leases back, sends what is left to charge, draws ahead for a window that began, forgets what is not used.</summary>
    internal void Tend()
    {
        Tend(_requests);
        Tend(_changes);
        Tend(_tokens);
    }

    /// <summary>Gives back and charges what is left, for the end of the process.</summary>
    internal Task SettleAsync() => Task.WhenAll([.. _requests.Values.Concat(_changes.Values).Select(bucket => bucket.SettleAsync()), .. _tokens.Values.Select(bucket => bucket.SettleAsync())]);

    private static void Tend<TBucket>(ConcurrentDictionary<Subject, TBucket> buckets)
        where TBucket : LimitBucket
    {
        foreach (var entry in buckets)
        {
            if (!entry.Value.Tend())
                buckets.TryRemove(entry);
        }
    }

    private long TokensOf(Workspace workspace) => workspace.Policy.Limits.TokensPerMinute ?? _options.TokensPerMinute;

    private static LimitRefusal? Refuses(LimitVerdict verdict, Subject subject, string kind, ref LimitStatus? tighter)
    {
        LimitTelemetry.Decided(verdict.Allowed, subject.Scope, kind, verdict.Shared);
        if (!verdict.Allowed || tighter is not { } other || (verdict.Status.Remaining, verdict.Status.Limit).CompareTo((other.Remaining, other.Limit)) < 0)
            tighter = verdict.Status;
        return verdict.Allowed ? null : new(subject.Scope, kind, verdict.Status);
    }

    /// <summary>Whose limit it is.</summary>
    private readonly record struct Subject(string Scope, string WorkspaceId, string Id)
    {
        public static Subject Of(Workspace workspace) => new(LimitTelemetry.Workspace, workspace.Id, workspace.Id);

        public static Subject Of(RouterKey key) => new(LimitTelemetry.RouterKey, key.WorkspaceId, key.Id);

        public string Key(string kind) => RedisLimitCounter.Key(WorkspaceId, Scope, Id, kind);
    }
}
