using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>A reusable routing configuration: which route a request takes, and which of the route's variants serves it.</summary>
public sealed record SavedRouter
{
    /// <summary>What it is called by, after <c>inworld/</c> or <c>router/</c>; unique in its workspace.</summary>
    public required string Name { get; init; }

    public string? DisplayName { get; init; }

    /// <summary>What every variant has that does not say otherwise.</summary>
    public VariantSettings Defaults { get; init; } = VariantSettings.None;

    /// <summary>In order: the first whose condition is true serves.</summary>
    public ImmutableArray<ConditionalRoute> Routes { get; init; } = [];

    /// <summary>Serves what no condition takes; null: such a request is an error.</summary>
    public SavedRoute? DefaultRoute { get; init; }

    /// <summary>Members the router does not know, kept as they came.</summary>
    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];

    /// <summary>Paths of the members that are kept and have no effect.</summary>
    public ImmutableArray<string> WithoutEffect { get; init; } = [];

    /// <summary>The variables its conditions read.</summary>
    public FrozenSet<string> Variables { get; init; } = FrozenSet<string>.Empty;
}
