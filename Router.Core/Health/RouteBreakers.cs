using System.Collections.Concurrent;
using Router.Core.Routing;

namespace Router.Core.Health;

/// <summary>
/// Routes that fail time after time are tried last for a short while; then one request tries them in their place, and what it meets
/// decides. Nothing is refused by it: a route that is all there is is tried all the same. In memory, this replica's alone.
/// </summary>
/// <param name="inARow">So many failures with no success between open it; zero: none do.</param>
public sealed class RouteBreakers(TimeProvider time, int inARow = RouteBreakers.InARow)
{
    public const int InARow = 5;

    /// <summary>So many routes of the catalog.</summary>
    private const int MostListed = 4_096;

    /// <summary>So many routes that callers name and no catalog lists; they take nothing from the others.</summary>
    private const int MostUnlisted = 512;

    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, RouteBreaker> _listed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RouteBreaker> _unlisted = new(StringComparer.Ordinal);

    /// <summary>The provider failed, by its own fault.</summary>
    public void Failed(PlanEntry entry, string workspace)
    {
        if (inARow == 0)
        {
            return;
        }

        ConcurrentDictionary<string, RouteBreaker> routes = RoutesOf(entry);
        string name = NameOf(entry);
        if (!routes.TryGetValue(name, out RouteBreaker? route))
        {
            MakeRoom(routes, entry.Hosted is null ? MostUnlisted : MostListed);
            route = routes.GetOrAdd(name, static (_, most) => new RouteBreaker(most), inARow);
        }

        route.Failed(workspace, entry.Credential.Id, time.GetUtcNow());
    }

    public void Succeeded(PlanEntry entry, string workspace)
    {
        ConcurrentDictionary<string, RouteBreaker> routes = RoutesOf(entry);
        string name = NameOf(entry);
        if (routes.TryGetValue(name, out RouteBreaker? route) && route.Succeeded(workspace, entry.Credential.Id))
        {
            routes.TryRemove(KeyValuePair.Create(name, route));
        }
    }

    /// <summary>Whether it is to be tried last now.</summary>
    public bool IsOpen(PlanEntry entry, string workspace) => Look(entry, workspace) is { HalfOpen: false };

    /// <summary>Null: it is tried in its place.</summary>
    public BreakerState? Look(PlanEntry entry, string workspace) =>
        RoutesOf(entry).TryGetValue(NameOf(entry), out RouteBreaker? route) ? route.Look(workspace, entry.Credential.Id, time.GetUtcNow()) : null;

    /// <summary>Whether this request may try it in its place. Where the pause is over it is the one that may.</summary>
    public bool TryEnter(PlanEntry entry, string workspace) =>
        !RoutesOf(entry).TryGetValue(NameOf(entry), out RouteBreaker? route) || route.TryEnter(workspace, entry.Credential.Id, time.GetUtcNow());

    private ConcurrentDictionary<string, RouteBreaker> RoutesOf(PlanEntry entry) => entry.Hosted is null ? _unlisted : _listed;

    private static string NameOf(PlanEntry entry) => entry.Hosted?.Name ?? entry.QualifiedModel;

    /// <summary>A few at once, so that a flood of names does not buy a search for each.</summary>
    private static void MakeRoom(ConcurrentDictionary<string, RouteBreaker> routes, int most)
    {
        if (routes.Count >= most)
        {
            foreach ((string oldest, _) in routes.ToArray().OrderBy(pair => pair.Value.At).Take(most / 8))
            {
                routes.TryRemove(oldest, out _);
            }
        }
    }
}
