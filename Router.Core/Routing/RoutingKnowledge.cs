using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>What the planner knows beside the request.</summary>
/// <param name="Breakers">Routes that are tried last now; null where nobody counts.</param>
public sealed record RoutingKnowledge(ModelCatalog Catalog, ProviderRegistry Providers, ICredentialHealth Health, IRouteStatistics Statistics, RouteBreakers? Breakers = null);
