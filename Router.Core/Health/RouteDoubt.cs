namespace Router.Core.Health;

/// <summary>
/// Failures of a route that one workspace alone has met. One workspace may bring a provider to fail by what it asks for, and all are
/// ranked by the same table: until a second workspace meets one too, they count for the first alone.
/// </summary>
internal sealed class RouteDoubt(TimeSpan halfLife)
{
    private readonly Lock _lock = new();
    private RouteWindow _window = new(halfLife);
    private string? _workspace;
    private DateTimeOffset _confirmedUntil;

    /// <returns>What counts for all by now: nothing, or all that was in doubt.</returns>
    public RouteSample? Add(RouteSample failure, string workspace, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (now < _confirmedUntil)
            {
                return failure;
            }

            if (_workspace != workspace && _workspace is not null && !_window.IsForgotten(now))
            {
                failure += _window.Sum(now);
                (_window, _workspace, _confirmedUntil) = (new(halfLife), null, now + halfLife);
                return failure;
            }

            _window = _workspace == workspace ? _window : new(halfLife);
            _workspace = workspace;
            _window.Add(failure, own: false, now);
            return null;
        }
    }

    /// <summary>What is held against the route by this workspace alone.</summary>
    public RouteSample Of(string workspace, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _workspace == workspace ? _window.Sum(now) : default;
        }
    }

    public bool IsForgotten(DateTimeOffset now)
    {
        lock (_lock)
        {
            return now >= _confirmedUntil && _window.IsForgotten(now);
        }
    }
}
