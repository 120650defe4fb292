using Router.Core.Health;

namespace Router.Core.Chat;

/// <summary>What every attempt works with.</summary>
/// <param name="Statistics">Told how each attempt went; null where nobody measures routes.</param>
/// <param name="Costs">Prices attempts for their spans; null where nobody asks.</param>
public sealed record AttemptServices(AttemptLimits Limits, TimeProvider Time, IRouteStatistics? Statistics = null, AttemptCosts? Costs = null)
{
    public AttemptClocks Clocks { get; } = new(Time);
}
