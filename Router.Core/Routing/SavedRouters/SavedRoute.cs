using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Variants that share a route's requests by weight.</summary>
/// <param name="Id">Unique in its router; part of what keeps a user with one variant.</param>
/// <param name="Variants">Their weights total exactly 100.</param>
public sealed record SavedRoute(string Id, ImmutableArray<WeightedVariant> Variants)
{
    public const int WholeWeight = 100;

    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];
}

/// <param name="Weight">Its share of the route's requests, in percent.</param>
public sealed record WeightedVariant(RouterVariant Variant, int Weight)
{
    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];
}
