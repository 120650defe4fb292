namespace Router.Core.Routing.SavedRouters;

/// <summary>A member's name whatever its case style: <c>route_id</c> and <c>routeId</c> are one.</summary>
public static class LooseName
{
    public static string Of(string name) =>
        name.Any(character => character == '_' || char.IsUpper(character))
            ? name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant()
            : name;

    public static bool Same(string one, string other) => Of(one) == Of(other);
}
