namespace Router.Core.Health;

/// <summary>What is known of a route that fails: for one workspace, and for all.</summary>
/// <param name="Failures">In a row.</param>
/// <param name="Until">When one request may try it in its place again.</param>
/// <param name="HalfOpen">That time has come.</param>
public readonly record struct BreakerState(int Failures, DateTimeOffset Until, bool HalfOpen);

/// <summary>
/// The failures in a row of one route. A row is everyone's once more than one workspace is in it; before that it holds for the workspace
/// alone, as a request can be made that a provider fails on. Locks are held for a few instructions.
/// </summary>
/// <param name="inARow">So many open it.</param>
internal sealed class RouteBreaker(int inARow)
{
    /// <summary>Of workspaces; the one that failed longest ago gives way.</summary>
    private const int MostWorkspaces = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Row> _ofWorkspace = new(StringComparer.Ordinal);
    private Row _ofAll;
    private string? _first;
    private bool _several;

    /// <summary>When it was last added to.</summary>
    public DateTimeOffset At { get; private set; }

    public void Failed(string workspace, DateTimeOffset now)
    {
        lock (_lock)
        {
            At = now;
            _first ??= workspace;
            _several |= _first != workspace;
            _ofAll = _ofAll.Longer(now, _several ? inARow : int.MaxValue);
            if (_ofWorkspace.Count >= MostWorkspaces && !_ofWorkspace.ContainsKey(workspace))
            {
                _ofWorkspace.Remove(_ofWorkspace.MinBy(row => row.Value.At).Key);
            }

            _ofWorkspace[workspace] = _ofWorkspace.GetValueOrDefault(workspace).Longer(now, inARow);
        }
    }

    /// <returns>Whether nothing is left to remember.</returns>
    public bool Succeeded(string workspace)
    {
        lock (_lock)
        {
            (_ofAll, _first, _several) = (default, null, false);
            _ofWorkspace.Remove(workspace);
            return _ofWorkspace.Count == 0;
        }
    }

    /// <summary>Null: it is tried in its place.</summary>
    public BreakerState? Look(string workspace, DateTimeOffset now)
    {
        lock (_lock)
        {
            Row own = _ofWorkspace.GetValueOrDefault(workspace);
            Row row = _ofAll.Until > own.Until ? _ofAll : own;
            return row.Until == default ? null : new BreakerState(row.Failures, row.Until, row.Until <= now);
        }
    }

    /// <summary>Whether a request may try it in its place. Of those that come once the pause is over, one may.</summary>
    public bool TryEnter(string workspace, DateTimeOffset now)
    {
        lock (_lock)
        {
            Row own = _ofWorkspace.GetValueOrDefault(workspace);
            if (!own.MayBeProbed(now) || !_ofAll.MayBeProbed(now))
            {
                return false;
            }

            _ofAll = _ofAll.Probed(now);
            if (own.Until != default)
            {
                _ofWorkspace[workspace] = own.Probed(now);
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
