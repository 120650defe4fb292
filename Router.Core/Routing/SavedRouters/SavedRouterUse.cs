namespace Router.Core.Routing.SavedRouters;

/// <summary>Which saved router a request went through, and how; what answers and traces say.</summary>
public sealed record SavedRouterUse(string Name, string Route, string Variant);
