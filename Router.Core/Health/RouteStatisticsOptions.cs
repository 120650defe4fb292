namespace Router.Core.Health;

/// <summary>Configuration under <c>Router:Statistics</c>.</summary>
public sealed class RouteStatisticsOptions
{
    public const string Section = "Router:Statistics";

    /// <summary>After this long a measurement counts half as much; after six times this long without a new one it is forgotten.</summary>
    public TimeSpan HalfLife { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often replicas tell each other what they measured.</summary>
    public TimeSpan ShareInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>One request in so many tries a route that was not measured yet; 0: none does.</summary>
    public int ExploreEvery { get; set; } = 20;

    /// <summary>How long a window is worth keeping after its last attempt.</summary>
    public TimeSpan Lifetime => HalfLife * RouteWindow.Lifetime;
}
