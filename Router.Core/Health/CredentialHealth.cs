using System.Collections.Concurrent;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Health;

/// <summary>
/// The local table of credential health: the whole key for credential and quota failures, (key, model) for rate limits.
/// Reads and reports are in memory; what others should know goes to the outbox. Keys of the operator and of workspaces are as many as
/// they have saved; keys that come with requests are as many as callers invent, so each workspace has a shelf of its own for them.
/// </summary>
public sealed class CredentialHealth(ISnapshotSource snapshots, TimeProvider time, HealthOutbox outbox) : ICredentialHealth
{
    /// <summary>Beyond this many keys that came with requests, a workspace's shelf forgets what has run out, then all of them: each may be tried once more.</summary>
    internal const int MostRuntime = 1_000;

    private const string Runtime = "runtime:";

    private readonly ConcurrentDictionary<string, CredentialState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, CredentialState>> _shelves = new(StringComparer.Ordinal);
    private readonly CredentialIndex _index = new(snapshots);

    public HealthVerdict Check(string credentialId, string model)
    {
        var key = _index.Find(credentialId);
        return Find(credentialId) is { } state
            ? state.Check(model, key, time.GetUtcNow())
            : key is null ? HealthVerdict.Good : StoredHealth.Verdict(key, time.GetUtcNow());
    }

    public HealthChange? ReportFailure(string credentialId, string model, FailureClass failure, TimeSpan? retryAfter, string? traceparent)
    {
        if (FailureConsequences.OnKey(failure) == KeyEffect.None)
            return null;
        retryAfter = Cooldowns.Cut(retryAfter, credentialId);
        var state = StateOf(credentialId);
        var now = time.GetUtcNow();
        if (FailureConsequences.OnKey(failure) == KeyEffect.Model)
        {
            var (until, longer) = state.Cool(model, retryAfter, now);
            if (!longer)
                return null;
            var cooled = new HealthChange(credentialId, model, failure, until - now) { Traceparent = traceparent };
            return state.MayShare(now) ? Share(cooled) : cooled;
        }

        var key = _index.Find(credentialId);
        var pause = Pause(credentialId, failure, retryAfter);
        var change = state.Mark(failure, now + pause, key, now) ? Share(new(credentialId, "", failure, pause) { Traceparent = traceparent }) : null;
        if (key is not null)
            outbox.RequestRecheck(new(key.Id, key.WorkspaceId, key.Version, traceparent));
        return change;
    }

    public void ReportSuccess(string credentialId, string model, DateTimeOffset asked)
    {
        var now = time.GetUtcNow();
        var key = _index.Find(credentialId);
        if (Find(credentialId) is not { } state)
        {
            // Nothing known from traffic and nothing bad stored: the usual case, without a write.
            if (StoredHealth.Verdict(key, now).Usable)
                return;
            state = StateOf(credentialId);
        }

        var cleared = state.Clear(model, key, asked, now);
        if (cleared.Key)
            outbox.Share(new(credentialId, "", FailureClass.Unknown, null));
        if (cleared.Model)
            outbox.Share(new(credentialId, model, FailureClass.Unknown, null));
    }

    /// <summary>Takes a change seen by another replica or by the worker. A cooldown never shortens one known here.</summary>
    public void Apply(HealthChange change)
    {
        var key = _index.Find(change.CredentialId);
        if (change.IsCleared)
        {
            Find(change.CredentialId)?.Clear(change.Model, key, DateTimeOffset.MaxValue, time.GetUtcNow());
            return;
        }

        var state = StateOf(change.CredentialId);
        var now = time.GetUtcNow();
        // Nothing is held back for ever on the word of a message: the one that takes it back may be lost.
        var pause = Cooldowns.Cut(change.For, change.CredentialId) is { } asked ? Cooldowns.Asked(asked) ?? TimeSpan.Zero : Cooldowns.Dead;
        if (change.Model.Length == 0)
            state.Mark(change.Reason, now + pause, key, now);
        else if (change.For is not null)
            state.CoolUntil(change.Model, now + pause, now);
    }

    /// <summary>Forgets what has run out, and keys that are replaced or gone.</summary>
    public void Prune()
    {
        var now = time.GetUtcNow();
        Prune(_states, now);
        foreach (var (workspace, shelf) in _shelves)
        {
            Prune(shelf, now);
            if (shelf.IsEmpty)
                _shelves.TryRemove(workspace, out _);
        }
    }

    private void Prune(ConcurrentDictionary<string, CredentialState> states, DateTimeOffset now)
    {
        foreach (var (id, state) in states)
        {
            var key = _index.Find(id);
            var gone = key is null && id.StartsWith("key:", StringComparison.Ordinal);
            if (gone || !state.Prune(key, now))
                states.TryRemove(id, out _);
        }
    }

    private HealthChange Share(HealthChange change)
    {
        outbox.Share(change);
        return change;
    }

    private static TimeSpan Pause(string credentialId, FailureClass failure, TimeSpan? retryAfter) =>
        failure == FailureClass.Quota ? Cooldowns.Asked(retryAfter) ?? Cooldowns.Quota
        : credentialId.StartsWith("key:", StringComparison.Ordinal) ? Cooldowns.Dead
        : Cooldowns.HalfOpen;

    private CredentialState? Find(string credentialId) =>
        ShelfOf(credentialId, make: false) is { } shelf && shelf.TryGetValue(credentialId, out var state) ? state : null;

    private CredentialState StateOf(string credentialId)
    {
        var shelf = ShelfOf(credentialId, make: true)!;
        if (shelf.TryGetValue(credentialId, out var state))
            return state;
        if (!ReferenceEquals(shelf, _states) && shelf.Count >= MostRuntime)
        {
            Prune(shelf, time.GetUtcNow());
            if (shelf.Count >= MostRuntime * 3 / 4)
                shelf.Clear();
        }

        return shelf.GetOrAdd(credentialId, static _ => new CredentialState());
    }

    /// <summary>Where the key's state is: with those of its workspace where it came with a request, else with all others.</summary>
    private ConcurrentDictionary<string, CredentialState>? ShelfOf(string credentialId, bool make)
    {
        if (!credentialId.StartsWith(Runtime, StringComparison.Ordinal))
            return _states;
        var rest = credentialId.AsSpan(Runtime.Length);
        var workspace = rest[..Math.Max(rest.LastIndexOf(':'), 0)];
        if (_shelves.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(workspace, out var shelf) || !make)
            return shelf;
        return _shelves.GetOrAdd(workspace.ToString(), static _ => new(StringComparer.Ordinal));
    }
}
