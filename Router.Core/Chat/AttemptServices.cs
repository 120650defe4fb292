using Router.Core.Health;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>What every attempt works with.</summary>
/// <param name="Statistics">Told how each attempt went; null where nobody measures routes.</param>
/// <param name="Breakers">Told the same; null where nobody counts.</param>
/// <param name="Costs">Prices attempts for their spans; null where nobody asks.</param>
public sealed record AttemptServices(AttemptLimits Limits, TimeProvider Time, IRouteStatistics? Statistics = null, AttemptCosts? Costs = null, RouteBreakers? Breakers = null)
{
    private readonly AttemptLimits _ofAnswer = Limits.OfAnswer();
    private readonly AttemptLimits _ofThinkingAnswer = Limits.OfThinkingAnswer();
    private readonly AttemptLimits _ofThinking = Limits.OfThinking();
    private readonly AttemptLimits _ofRescued = Limits.OfRescued();

    /// <summary>Asked for a key once more where its request had to wait between being prepared and being sent; null where nothing is stored.</summary>
    public CurrentKeys? Keys { get; init; }

    public AttemptClocks Clocks { get; init; } = new(Time);

    /// <summary>What the streams of all attempts hold back.</summary>
    public HeldMemory Held { get; init; } = new(HeldMemory.Usual);

    /// <summary>The limits of one attempt.</summary>
    /// <param name="rescue">Another route may serve.</param>
    public AttemptLimits LimitsOf(RouteRequest request, PlanEntry entry, bool stream, bool rescue) =>
        !stream ? Reasons(entry) || request.AsksToReason ? _ofThinkingAnswer : request.Source?.MostTokens() is { } most ? Limits.OfLongAnswer(most) : _ofAnswer
        : request.Options.Fallback.TtftTimeout is { } ttft ? Limits with { FirstToken = ttft, Header = ttft > Limits.Header ? ttft : Limits.Header }
        : Reasons(entry) || request.AsksToReason ? _ofThinking
        : rescue ? _ofRescued
        : Limits;

    private static bool Reasons(PlanEntry entry) =>
        entry.Hosted?.Model.Capabilities.Reasoning ?? Dialect.Of(entry.Provider.Definition.Dialect).Reasons(entry.Provider.Definition, entry.Model);
}
