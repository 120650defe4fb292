using System.Collections.Immutable;
using System.Text.Json;
using Router.Core.Routing.Cel;

namespace Router.Core.Routing.SavedRouters;

/// <summary>A route and when it serves.</summary>
public sealed record ConditionalRoute(SavedRoute Route, RouteCondition Condition)
{
    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];
}

/// <param name="Text">The CEL expression as it was written.</param>
/// <param name="Expression">The same, compiled.</param>
public sealed record RouteCondition(string Text, CelExpression Expression)
{
    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];
}
