namespace Router.Core.Health;

/// <summary>How fast routes answer and how often they fail, measured from live traffic. Reading and recording are in memory and never block.</summary>
public interface IRouteStatistics
{
    /// <param name="route"><c>provider/model</c>.</param>
    /// <param name="workspace">Who asks: failures that it alone has met count for it alone.</param>
    RouteMeasurement Find(string route, string? workspace);

    /// <param name="workspace">Whose attempt it was; null: nobody's in particular, and a failure counts for all.</param>
    void Record(string route, RouteSample sample, string? workspace);
}
