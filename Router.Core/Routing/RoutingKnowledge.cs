using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>What the planner knows beside the request.</summary>
public sealed record RoutingKnowledge(ModelCatalog Catalog, ProviderRegistry Providers, ICredentialHealth Health, IRouteStatistics Statistics);
