using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Health;

/// <summary>What one replica knows of one credential from traffic, its own and that of others. Locks are held for a few instructions.</summary>
internal sealed class CredentialState
{
    /// <summary>Callers name any model; beyond so many that cool, the newest gives way: names that are invented push out one another.</summary>
    private const int MostModels = 1_000;

    /// <summary>So many models of one key are told of in a minute.</summary>
    private const int MostShared = 64;

    private static readonly TimeSpan SharePeriod = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ModelCooldown> _models = new(StringComparer.Ordinal);
    private KeyMark? _mark;
    private string _newest = "";
    private DateTimeOffset _sharing;
    private int _shared;

    /// <summary>Marks the whole key. An existing longer mark stays.</summary>
    /// <returns>Whether the mark is new or at least a second longer: worth telling others.</returns>
    public bool Mark(FailureClass reason, DateTimeOffset until, ProviderKey? key, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (CurrentMark(key) is { } mark && mark.Holds(now) && until < mark.Until + TimeSpan.FromSeconds(1))
            {
                _mark = mark with { At = now };
                return false;
            }

            _mark = new(reason, until, key?.CheckedAt, now);
            return true;
        }
    }

    /// <returns>The time the model cools until, and whether it is worth telling others.</returns>
    public (DateTimeOffset Until, bool Longer) Cool(string model, TimeSpan? retryAfter, DateTimeOffset now)
    {
        lock (_lock)
        {
            var before = _models.GetValueOrDefault(model);
            // A burst of requests that were on their way together is one failure, not many in a row.
            var consecutive = before.Until > now ? before.Consecutive : before.Consecutive + 1;
            var until = now + Cooldowns.RateLimit(retryAfter, consecutive);
            var longer = until >= before.Until + TimeSpan.FromSeconds(1);
            MakeRoom(model, now);
            _models[model] = new(longer ? until : before.Until, consecutive, now);
            return (_models[model].Until, longer);
        }
    }

    /// <summary>Whether others may be told of one more model: callers name any, and what goes to others is bounded for all keys together.</summary>
    public bool MayShare(DateTimeOffset now)
    {
        lock (_lock)
        {
            (_sharing, _shared) = now - _sharing >= SharePeriod ? (now, 0) : (_sharing, _shared);
            return _shared++ < MostShared;
        }
    }

    /// <summary>Takes a cooldown seen by another replica; it never shortens ours.</summary>
    public void CoolUntil(string model, DateTimeOffset until, DateTimeOffset now)
    {
        lock (_lock)
        {
            var before = _models.GetValueOrDefault(model);
            if (until > before.Until)
            {
                MakeRoom(model, now);
                _models[model] = new(until, Math.Max(before.Consecutive, 1), now);
            }
            else if (before.Until > now)
            {
                _models[model] = before with { At = now };
            }
        }
    }

    /// <summary>The key works, for this model: nothing that was known when it was asked holds it back. What was learned since is newer.</summary>
    /// <param name="asked">When the request was made that succeeded.</param>
    /// <returns>What others should be told: the whole key, the model, or neither.</returns>
    public (bool Key, bool Model) Clear(string model, ProviderKey? key, DateTimeOffset asked, DateTimeOffset now)
    {
        lock (_lock)
        {
            bool marked = _mark is { IsGood: false } mark && mark.At < asked;
            if ((marked || _mark is null or { IsGood: true }) && !(key?.CheckedAt > asked))
                _mark = key is null ? null : new(FailureClass.Unknown, null, key.CheckedAt, now);
            return (marked, _models.TryGetValue(model, out var cooldown) && cooldown.At < asked && _models.Remove(model));
        }
    }

    public HealthVerdict Check(string model, ProviderKey? key, DateTimeOffset now)
    {
        lock (_lock)
        {
            // A mark that has run out says nothing any more; the stored verdict does.
            var verdict = CurrentMark(key) is { } mark && (mark.IsGood || mark.Holds(now)) ? mark.Verdict(now) : StoredHealth.Verdict(key, now);
            if (!verdict.Usable || !_models.TryGetValue(model, out var cooldown) || cooldown.Until <= now)
                return verdict;
            return new(false, FailureClass.RateLimit, cooldown.Until);
        }
    }

    /// <summary>Drops what has run out. A rate limit is remembered a while longer, so that the next one grows.</summary>
    /// <returns>Whether anything is left.</returns>
    public bool Prune(ProviderKey? key, DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (var (model, cooldown) in _models)
            {
                if (cooldown.Until + Cooldowns.RateLimitMost <= now)
                    _models.Remove(model);
            }

            if (CurrentMark(key) is not { } mark || mark.Until <= now)
                _mark = null;
            return _mark is not null || _models.Count > 0;
        }
    }

    private void MakeRoom(string model, DateTimeOffset now)
    {
        if (_models.ContainsKey(model))
            return;
        if (_models.Count >= MostModels)
        {
            foreach (var (old, _) in _models.Where(entry => entry.Value.Until <= now).ToArray())
                _models.Remove(old);
            if (_models.Count >= MostModels)
                _models.Remove(_newest);
        }

        _newest = model;
    }

    /// <summary>The mark, unless the worker gave a verdict since it was made: a newer verdict wins, in order of arrival here, so clocks do not matter.</summary>
    private KeyMark? CurrentMark(ProviderKey? key) => _mark is { } mark && (key is null || mark.CheckedAt == key.CheckedAt) ? mark : null;

    /// <param name="At">When it was last learned of.</param>
    private readonly record struct ModelCooldown(DateTimeOffset Until, int Consecutive, DateTimeOffset At);

    /// <param name="Until">Null for a good mark, which lasts until the next verdict.</param>
    /// <param name="CheckedAt">The verdict in force when the mark was made.</param>
    /// <param name="At">When the mark was made.</param>
    private readonly record struct KeyMark(FailureClass Reason, DateTimeOffset? Until, DateTimeOffset? CheckedAt, DateTimeOffset At)
    {
        public bool IsGood => Reason == FailureClass.Unknown;

        public bool Holds(DateTimeOffset now) => !IsGood && Until > now;

        public HealthVerdict Verdict(DateTimeOffset now) => Holds(now) ? new(false, Reason, Until) : HealthVerdict.Good;
    }
}
