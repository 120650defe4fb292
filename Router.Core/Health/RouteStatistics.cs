using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Router.Core.Health;

/// <summary>The local table of route statistics: this replica's attempts and what others tell of theirs.</summary>
public sealed class RouteStatistics : IRouteStatistics
{
    /// <summary>Callers can name any model; beyond this the table takes no more until old ones are forgotten.</summary>
    private const int MaxRoutes = 4_096;

    /// <summary>No route of ours has a longer name.</summary>
    private const int LongestRoute = 300;

    private readonly ConcurrentDictionary<string, RouteWindow> _routes = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly TimeSpan _halfLife;

    public RouteStatistics(TimeProvider time, IOptions<RouteStatisticsOptions> options)
    {
        _time = time;
        _halfLife = options.Value.HalfLife > TimeSpan.Zero
            ? options.Value.HalfLife
            : throw new InvalidOperationException($"{RouteStatisticsOptions.Section}:{nameof(RouteStatisticsOptions.HalfLife)} must be longer than nothing.");
    }

    public RouteMeasurement Find(string route) =>
        _routes.TryGetValue(route, out RouteWindow? window) ? window.Measure(_time.GetUtcNow()) : RouteMeasurement.None;

    public void Record(string route, RouteSample sample) => WindowOf(route)?.Add(sample, own: true, _time.GetUtcNow());

    /// <summary>Takes what another replica measured. What cannot be a measurement is left out.</summary>
    public void Apply(string route, RouteSample sample)
    {
        if (sample.IsSound)
        {
            WindowOf(route)?.Add(sample, own: false, _time.GetUtcNow());
        }
    }

    /// <summary>Takes what was stored of all replicas together, unless more is known here.</summary>
    /// <param name="age">How long ago it was stored.</param>
    public void Adopt(string route, RouteSample sum, TimeSpan age)
    {
        if (sum.IsSound)
        {
            WindowOf(route)?.Adopt(sum, _time.GetUtcNow(), age);
        }
    }

    /// <summary>What was measured here since the last call, by route.</summary>
    internal List<SharedRoute> TakeUnshared()
    {
        DateTimeOffset now = _time.GetUtcNow();
        List<SharedRoute> taken = [];
        foreach ((string route, RouteWindow window) in _routes)
        {
            if (window.Take(now) is var (own, sum))
            {
                taken.Add(new(route, own, sum));
            }
        }

        return taken;
    }

    /// <summary>Puts back what could not be shared: it goes out with the next.</summary>
    internal void GiveBack(IEnumerable<SharedRoute> routes)
    {
        foreach (SharedRoute shared in routes)
        {
            WindowOf(shared.Route)?.GiveBack(shared.Own);
        }
    }

    /// <summary>Forgets routes nobody used for long.</summary>
    public void Prune()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((string route, RouteWindow window) in _routes)
        {
            if (window.IsForgotten(now))
            {
                _routes.TryRemove(route, out _);
            }
        }
    }

    private RouteWindow? WindowOf(string route) =>
        _routes.TryGetValue(route, out RouteWindow? window) ? window
        : route.Length is 0 or > LongestRoute || _routes.Count >= MaxRoutes ? null
        : _routes.GetOrAdd(route, static (_, halfLife) => new RouteWindow(halfLife), _halfLife);
}

/// <summary>A route's news for the other replicas.</summary>
/// <param name="Own">What this replica measured since it last told.</param>
/// <param name="Sum">Everything known, aged to now.</param>
internal readonly record struct SharedRoute(string Route, RouteSample Own, RouteSample Sum);
