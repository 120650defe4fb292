namespace Router.Core.Routing.SavedRouters;

/// <summary>One way to serve a route's requests.</summary>
/// <param name="Id">Unique in its route; what answers and traces name.</param>
/// <param name="Settings">As it was written.</param>
/// <param name="Effective">The same over the router's defaults: what a request gets.</param>
public sealed record RouterVariant(string Id, VariantSettings Settings, VariantSettings Effective);
