using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Router.Core.Routing.Cel;
using Router.Core.Wire;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Reads a definition from JSON. All problems are found at once; hostile input is a problem, never an exception.</summary>
public static class SavedRouterReader
{
    /// <summary>How large a definition may be.</summary>
    public const int MaxBytes = 256 * 1024;

    public const int MostRoutes = 64;
    public const int LongestDisplayName = 200;

    public static SavedRouterReading Read(ReadOnlyMemory<byte> json)
    {
        var problems = new List<RouterProblem>();
        if (Parse(json, problems) is not { } root)
        {
            return new SavedRouterReading(null, [.. problems]);
        }

        SavedRouter router = Router(new MemberReader(root, "", problems));
        return problems.Count == 0 ? new SavedRouterReading(router, []) : new SavedRouterReading(null, [.. problems]);
    }

    /// <summary>The text as one JSON object with distinct names and valid Unicode.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> json, List<RouterProblem> problems)
    {
        if (json.Length > MaxBytes)
        {
            problems.Add(new RouterProblem("", $"The definition is larger than {MaxBytes / 1024} KiB."));
            return null;
        }

        try
        {
            JsonObject.Parse(json);
            JsonUnicode.Check(json.Span);
            JsonElement root = JsonElement.Parse(json.Span, JsonDepth.Document with { MaxDepth = JsonDepth.MostStored, AllowDuplicateProperties = false });
            _ = new MemberReader(root, "", problems);
            return problems.Count == 0 ? root : null;
        }
        catch (JsonException)
        {
            problems.Add(new RouterProblem("", $"The definition nests deeper than {JsonDepth.MostStored} levels, or an object in it has a name twice."));
            return null;
        }
        catch (JsonObjectException e)
        {
            problems.Add(new RouterProblem("", e.Message));
            return null;
        }
    }

    private static SavedRouter Router(MemberReader members)
    {
        var withoutEffect = new List<string>();
        VariantSettings defaults = members.Object("defaults") is { } given ? VariantReader.Settings(given, withoutEffect) : VariantSettings.None;
        ImmutableArray<ConditionalRoute> routes = [.. members.List("routes", MostRoutes).ToList().Select(route => Conditional(new MemberReader(route.Item, route.Path, members.Problems), defaults, withoutEffect))];
        SavedRoute? fallback = members.Object("defaultRoute") is { } route ? RouteReader.Read(route, defaults, withoutEffect) : null;
        if (routes.IsEmpty && fallback is null)
        {
            members.Problem("defaultRoute", "is required where there are no 'routes'.");
        }

        foreach (IGrouping<string, string> twice in routes.Select(one => one.Route.Id).Append(fallback?.Id ?? "").Where(id => id.Length > 0).GroupBy(id => id, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            members.Problem("routes", $"have the route_id '{twice.Key}' twice.");
        }

        return new SavedRouter
        {
            Name = Name(members),
            DisplayName = DisplayName(members),
            Defaults = defaults,
            Routes = routes,
            DefaultRoute = fallback,
            Variables = routes.SelectMany(one => one.Condition.Expression?.Variables ?? FrozenSet<string>.Empty).ToFrozenSet(StringComparer.Ordinal),
            Kept = members.Rest(withoutEffect),
            WithoutEffect = [.. withoutEffect],
        };
    }

    private static string Name(MemberReader members)
    {
        string name = RouterName.Bare(members.Text("name", RouterOptions.LongestName) ?? "");
        if (!RouterName.IsValid(name))
        {
            members.Problem("name", "must have 1 to 63 lower-case letters, digits or dashes.");
        }

        return name;
    }

    private static string? DisplayName(MemberReader members)
    {
        string? name = members.Text("displayName", LongestDisplayName);
        if (name?.Any(char.IsControl) == true)
        {
            members.Problem("displayName", "must not hold control characters.");
        }

        return name;
    }

    private static ConditionalRoute Conditional(MemberReader members, VariantSettings defaults, List<string> withoutEffect)
    {
        SavedRoute route = new("", []);
        if (members.Object("route") is { } given)
        {
            route = RouteReader.Read(given, defaults, withoutEffect);
        }
        else
        {
            members.Problem("route", "is required.");
        }

        return new ConditionalRoute(route, Condition(members, withoutEffect)) { Kept = members.Rest(withoutEffect) };
    }

    private static RouteCondition Condition(MemberReader members, List<string> withoutEffect)
    {
        CelExpression? expression = null;
        string text = "";
        ImmutableArray<KeyValuePair<string, JsonElement>> kept = [];
        if (members.Object("condition") is not { } condition)
        {
            members.Problem("condition", "is required; a route without one is the 'defaultRoute'.");
        }
        else if (condition.Text("cel_expression", CelExpression.LongestText) is not { Length: > 0 } given)
        {
            condition.Problem("cel_expression", "is required.");
        }
        else
        {
            text = given;
            if (!CelExpression.TryParse(text, out expression, out string? error))
            {
                condition.Problem("cel_expression", $"is no CEL expression: {error}");
            }

            kept = condition.Rest(withoutEffect);
        }

        // A null expression comes with a problem, and no router.
        return new RouteCondition(text, expression!) { Kept = kept };
    }
}
