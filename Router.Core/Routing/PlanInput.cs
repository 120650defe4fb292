using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;

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

/// <summary>What the planner knows beside the request.</summary>
public sealed record RoutingKnowledge(ModelCatalog Catalog, ProviderRegistry Providers, ICredentialHealth Health, IRouteStatistics Statistics);

/// <param name="Features">What a model must be able to do.</param>
/// <param name="TextBytes">How much text goes in, in bytes of UTF-8, about; images and files do not count.</param>
public sealed record RequestNeeds(ModelFeatures Features, long TextBytes)
{
    /// <summary>Text of people and programs has fewer; what exceeds a context by this estimate obviously does.</summary>
    public const int MostBytesPerToken = 6;

    public static RequestNeeds None { get; } = new(ModelFeatures.Text, 0);

    public long LeastTokens => TextBytes / MostBytesPerToken;
}
