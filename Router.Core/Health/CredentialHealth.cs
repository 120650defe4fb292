using System.Collections.Concurrent;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Health;

/// <summary>
/// The local table of credential health: the whole key for credential and quota failures, (key, model) for rate limits.
/// Reads and reports are in memory; what others should know goes to the outbox.
/// </summary>
public sealed class CredentialHealth(ISnapshotSource snapshots, TimeProvider time, HealthOutbox outbox) : ICredentialHealth
{
    /// <summary>Callers can bring any number of keys of their own; beyond this the table forgets what has run out, then takes no more.</summary>
    private const int MaxCredentials = 50_000;

    private readonly ConcurrentDictionary<string, CredentialState> _states = new(StringComparer.Ordinal);
    private readonly CredentialIndex _index = new(snapshots);
    private long _prunedAt = time.GetTimestamp();

    public HealthVerdict Check(string credentialId, string model)
    {
        var key = _index.Find(credentialId);
        return _states.TryGetValue(credentialId, out var state)
            ? state.Check(model, key, time.GetUtcNow())
            : key is null ? HealthVerdict.Good : StoredHealth.Verdict(key, time.GetUtcNow());
    }

    public HealthChange? ReportFailure(string credentialId, string model, FailureClass failure, TimeSpan? retryAfter, string? traceparent)
    {
        if (failure is not (FailureClass.Credential or FailureClass.Quota or FailureClass.RateLimit) || StateOf(credentialId) is not { } state)
            return null;
        var now = time.GetUtcNow();
        if (failure == FailureClass.RateLimit)
        {
            var (until, longer) = state.Cool(model, retryAfter, now);
            return longer ? Share(new(credentialId, model, failure, until - now) { Traceparent = traceparent }) : null;
        }

        var key = _index.Find(credentialId);
        var pause = Pause(credentialId, failure, retryAfter);
        var change = state.Mark(failure, now + pause, key, now) ? Share(new(credentialId, "", failure, pause) { Traceparent = traceparent }) : null;
        if (key is not null)
            outbox.RequestRecheck(new(key.Id, key.WorkspaceId, key.Version, traceparent));
        return change;
    }

    public void ReportSuccess(string credentialId, string model)
    {
        var key = _index.Find(credentialId);
        if (!_states.TryGetValue(credentialId, out var state))
        {
            // Nothing known from traffic and nothing bad stored: the usual case, without a write.
            if (StoredHealth.Verdict(key, time.GetUtcNow()).Usable || (state = StateOf(credentialId)) is null)
                return;
        }

        var cleared = state.Clear(model, key);
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
            if (_states.TryGetValue(change.CredentialId, out var known))
                known.Clear(change.Model, key);
            return;
        }

        if (StateOf(change.CredentialId) is not { } state)
            return;
        var now = time.GetUtcNow();
        // Nothing is held back for ever on the word of a message: the one that takes it back may be lost.
        var pause = change.For is { } asked ? Cooldowns.Asked(asked) ?? TimeSpan.Zero : Cooldowns.Dead;
        if (change.Model.Length == 0)
            state.Mark(change.Reason, now + pause, key, now);
        else if (change.For is not null)
            state.CoolUntil(change.Model, now + pause);
    }

    /// <summary>Forgets what has run out, and keys that are replaced or gone.</summary>
    public void Prune()
    {
        _prunedAt = time.GetTimestamp();
        var now = time.GetUtcNow();
        foreach (var (id, state) in _states)
        {
            var key = _index.Find(id);
            var gone = key is null && id.StartsWith("key:", StringComparison.Ordinal);
            if (gone || !state.Prune(key, now))
                _states.TryRemove(id, out _);
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

    private CredentialState? StateOf(string credentialId)
    {
        if (_states.TryGetValue(credentialId, out var state))
            return state;
        if (_states.Count >= MaxCredentials)
        {
            // At most once a second: a flood of unknown keys must not buy a scan each.
            if (time.GetElapsedTime(_prunedAt) > TimeSpan.FromSeconds(1))
                Prune();
            if (_states.Count >= MaxCredentials)
                return null;
        }

        return _states.GetOrAdd(credentialId, static _ => new CredentialState());
    }
}
