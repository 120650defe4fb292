namespace Router.Core.Health;

/// <summary>What is known of a route that fails: for one workspace, and for all.</summary>
/// <param name="Failures">In a row.</param>
/// <param name="Until">When one request may try it in its place again.</param>
/// <param name="HalfOpen">That time has come.</param>
public readonly record struct BreakerState(int Failures, DateTimeOffset Until, bool HalfOpen);

/// <summary>
/// The failures in a row of one route. A row is everyone's once more than one workspace is in it; before that it holds for the workspace
/// and the key that met it, as a request can be made that a provider fails on, and a key that names where it is served. Locks are held for a few instructions.
/// </summary>
/// <param name="inARow">So many open it.</param>
internal sealed class RouteBreaker(int inARow)
{
    /// <summary>Of workspaces with their keys; the one that failed longest ago gives way.</summary>
    private const int MostKept = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Workspace, string Key), Row> _ofKey = [];
    private Row _ofAll;
    private string? _first;
    private bool _several;

    /// <summary>When it was last added to.</summary>
    public DateTimeOffset At { get; private set; }

    public void Failed(string workspace, string key, DateTimeOffset now)
    {
        lock (_lock)
        {
            At = now;
            _first ??= workspace;
            _several |= _first != workspace;
            _ofAll = _ofAll.Longer(now, _several ? inARow : int.MaxValue);
            if (_ofKey.Count >= MostKept && !_ofKey.ContainsKey((workspace, key)))
            {
                _ofKey.Remove(_ofKey.MinBy(row => row.Value.At).Key);
            }

            _ofKey[(workspace, key)] = _ofKey.GetValueOrDefault((workspace, key)).Longer(now, inARow);
        }
    }

    /// <returns>Whether nothing is left to remember.</returns>
    public bool Succeeded(string workspace, string key)
    {
        lock (_lock)
        {
            (_ofAll, _first, _several) = (default, null, false);
            _ofKey.Remove((workspace, key));
            return _ofKey.Count == 0;
        }
    }

    /// <summary>Null: it is tried in its place.</summary>
    public BreakerState? Look(string workspace, string key, DateTimeOffset now)
    {
        lock (_lock)
        {
            Row own = _ofKey.GetValueOrDefault((workspace, key));
            Row row = _ofAll.Until > own.Until ? _ofAll : own;
            return row.Until == default ? null : new BreakerState(row.Failures, row.Until, row.Until <= now);
        }
    }

    /// <summary>Whether a request may try it in its place. Of those that come once the pause is over, one may.</summary>
    public bool TryEnter(string workspace, string key, DateTimeOffset now)
    {
        lock (_lock)
        {
            Row own = _ofKey.GetValueOrDefault((workspace, key));
            if (!own.MayBeProbed(now) || !_ofAll.MayBeProbed(now))
            {
                return false;
            }

            _ofAll = _ofAll.Probed(now);
            if (own.Until != default)
            {
                _ofKey[(workspace, key)] = own.Probed(now);
            }

            return true;
        }
    }

    /// <param name="Until">Open until then; default: closed.</param>
    /// <param name="ProbedUntil">One request tries it until then, or until it has ended.</param>
    private readonly record struct Row(int Failures, DateTimeOffset At, DateTimeOffset Until, DateTimeOffset ProbedUntil)
    {
        public Row Longer(DateTimeOffset now, int opensAt) =>
            new(Failures + 1, now, Failures + 1 >= opensAt ? now + RouteBreakers.Pause : Until, default);

        public bool MayBeProbed(DateTimeOffset now) => Until == default || (Until <= now && ProbedUntil <= now);

        public Row Probed(DateTimeOffset now) => Until == default ? this : this with { ProbedUntil = now + RouteBreakers.Pause };
    }
}
