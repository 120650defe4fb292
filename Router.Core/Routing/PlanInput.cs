using Router.Core.Keys;

namespace Router.Core.Routing;

/// <summary>What a plan is asked for.</summary>
/// <param name="Model">As the caller named it.</param>
public sealed record PlanInput(string Model, RouterOptions Options, Workspace Workspace)
{
    /// <summary>What the request needs of a model; looked at only when the router chooses one.</summary>
    public Func<RequestNeeds>? Needs { get; init; }

    /// <summary>Not null: this request may try a route that was not measured yet, and which of them is this number's turn.</summary>
    public long? Explore { get; init; }
}
