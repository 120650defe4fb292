namespace Router.Core.Health;

/// <summary>How fast routes answer and how often they fail, measured from live traffic. Reading and recording are in memory and never block.</summary>
public interface IRouteStatistics
{
    /// <param name="route"><c>provider/model</c>.</param>
    RouteMeasurement Find(string route);

    void Record(string route, RouteSample sample);
}
