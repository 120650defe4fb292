using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Router.Core.Catalog;

namespace Router.Core.Health;

/// <summary>
/// The local table of route statistics: this replica's attempts and what others tell of theirs. Callers can name any model, and all
/// tenants are ranked by this table, so routes the catalog does not list have a small one of their own: in it the oldest give way, it is
/// this replica's alone, and whatever happens in it takes nothing from the routes of the catalog.
/// </summary>
public sealed class RouteStatistics : IRouteStatistics
{
    /// <summary>So many routes of a catalog, and of other replicas' catalogs.</summary>
    private const int MaxRoutes = 4_096;

    /// <summary>So many routes that no catalog lists.</summary>
    private const int MaxUnlisted = 512;

    /// <summary>No route of ours has a longer name.</summary>
    private const int LongestRoute = 300;

    private readonly ConcurrentDictionary<string, RouteWindow> _routes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RouteWindow> _unlisted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RouteDoubt> _doubts = new(StringComparer.Ordinal);
    private readonly Lock _making = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _halfLife;
    private readonly ModelCatalog? _catalog;

    /// <param name="catalog">Null: every route counts as listed.</param>
    public RouteStatistics(TimeProvider time, IOptions<RouteStatisticsOptions> options, ModelCatalog? catalog = null)
    {
        (_time, _catalog) = (time, catalog);
        _halfLife = options.Value.HalfLife > TimeSpan.Zero
            ? options.Value.HalfLife
            : throw new InvalidOperationException($"{RouteStatisticsOptions.Section}:{nameof(RouteStatisticsOptions.HalfLife)} must be longer than nothing.");
    }

    public RouteMeasurement Find(string route, string? workspace = null)
    {
        DateTimeOffset now = _time.GetUtcNow();
        RouteSample sum = _routes.TryGetValue(route, out RouteWindow? window) || _unlisted.TryGetValue(route, out window) ? window.Sum(now) : default;
        return RouteWindow.Measure(workspace is not null && _doubts.TryGetValue(route, out RouteDoubt? doubt) ? sum + doubt.Of(workspace, now) : sum);
    }

    public void Record(string route, RouteSample sample, string? workspace = null)
    {
        DateTimeOffset now = _time.GetUtcNow();
        RouteSample? counts = sample.Failures > 0 && workspace is not null ? DoubtOf(route)?.Add(sample, workspace, now) : sample;
        if (counts is { } known)
        {
            WindowOf(route)?.Add(known, own: true, now);
        }
    }

    /// <summary>Takes what another replica measured. What cannot be a measurement is left out.</summary>
    public void Apply(string route, RouteSample sample)
    {
        if (sample.IsSound && IsListed(route))
        {
            WindowOf(route)?.Add(sample, own: false, _time.GetUtcNow());
        }
    }

    /// <summary>Takes what was stored of all replicas together, unless more is known here.</summary>
    /// <param name="age">How long ago it was stored.</param>
    public void Adopt(string route, RouteSample sum, TimeSpan age)
    {
        if (sum.IsSound && IsListed(route))
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

        foreach ((string route, RouteWindow window) in _unlisted)
        {
            if (window.IsForgotten(now))
            {
                _unlisted.TryRemove(route, out _);
            }
        }

        foreach ((string route, RouteDoubt doubt) in _doubts)
        {
            if (doubt.IsForgotten(now))
            {
                _doubts.TryRemove(route, out _);
            }
        }
    }

    /// <summary>Null where there is no room: such a failure counts for nobody.</summary>
    private RouteDoubt? DoubtOf(string route) =>
        _doubts.TryGetValue(route, out RouteDoubt? doubt) ? doubt
        : route.Length is 0 or > LongestRoute || _doubts.Count >= (IsListed(route) ? MaxRoutes + MaxUnlisted : MaxUnlisted) ? null
        : _doubts.GetOrAdd(route, static (_, halfLife) => new RouteDoubt(halfLife), _halfLife);

    private bool IsListed(string route) => _catalog is null || _catalog.FindHosted(route) is not null;

    private RouteWindow? WindowOf(string route) =>
        _routes.TryGetValue(route, out RouteWindow? window) || _unlisted.TryGetValue(route, out window) ? window
        : route.Length is 0 or > LongestRoute ? null
        : !IsListed(route) ? Unlisted(route)
        : _routes.Count >= MaxRoutes ? null
        : _routes.GetOrAdd(route, static (_, halfLife) => new RouteWindow(halfLife), _halfLife);

    private RouteWindow Unlisted(string route)
    {
        lock (_making)
        {
            if (_unlisted.Count >= MaxUnlisted)
            {
                // A few at once, so that a flood of names does not buy a search for each.
                foreach ((string oldest, _) in _unlisted.ToArray().OrderBy(pair => pair.Value.At).Take(MaxUnlisted / 8))
                {
                    _unlisted.TryRemove(oldest, out _);
                }
            }

            return _unlisted.GetOrAdd(route, static (_, halfLife) => new RouteWindow(halfLife), _halfLife);
        }
    }
}

/// <summary>A route's news for the other replicas.</summary>
/// <param name="Own">What this replica measured since it last told.</param>
/// <param name="Sum">Everything known, aged to now.</param>
internal readonly record struct SharedRoute(string Route, RouteSample Own, RouteSample Sum);
