using Router.Core.Health;

namespace Router.Tests.Routing;

/// <summary>Statistics that say what a test measured.</summary>
internal sealed class FixedStatistics : IRouteStatistics
{
    public Dictionary<string, RouteMeasurement> Known { get; } = [];

    public RouteMeasurement Find(string route, string? workspace) => Known.GetValueOrDefault(route);

    public void Record(string route, RouteSample sample, string? workspace) => throw new InvalidOperationException("Planning measures nothing.");
}
