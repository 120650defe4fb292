using Router.Core.Health;

namespace Router.Core.Chat;

/// <summary>What every attempt works with.</summary>
/// <param name="Statistics">Told how each attempt went; null where nobody measures routes.</param>
/// <param name="Costs">Prices attempts for their spans; null where nobody asks.</param>
public sealed record AttemptServices(AttemptLimits Limits, TimeProvider Time, IRouteStatistics? Statistics = null, AttemptCosts? Costs = null)
{
    /// <summary>Asked for a key once more where its request had to wait between being prepared and being sent; null where nothing is stored.</summary>
    public CurrentKeys? Keys { get; init; }

    public AttemptClocks Clocks { get; } = new(Time);
}
