using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Reads a choice of models.</summary>
internal static class ModelSelectionReader
{
    private const string MetricPrefix = "SORT_METRIC_";
    private const string DirectionPrefix = "SORT_DIRECTION_";
    private const string Unspecified = "unspecified";

    /// <summary>What can be sorted by, and the direction that puts the best first.</summary>
    private static readonly Dictionary<string, string> Metrics = new(StringComparer.Ordinal)
    {
        ["price"] = "ascending",
        ["latency"] = "ascending",
        ["throughput"] = "descending",
        ["intelligence"] = "descending",
        ["math"] = "descending",
        ["coding"] = "descending",
    };

    public static ModelSelection Read(MemberReader members, List<string> withoutEffect)
    {
        List<(JsonElement Item, string Path)> sort = [.. members.List("sort", Metrics.Count)];
        return new ModelSelection
        {
            Models = members.Names("models"),
            Ignore = members.Names("ignore"),
            Sort = [.. sort.Select(item => Criterion(item.Item, item.Path, members.Problems, withoutEffect)).Where(name => name.Length > 0)],
            SortWritten = [.. sort.Select(item => item.Item)],
            Provider = members.Object("provider") is { } provider ? Provider(provider, withoutEffect) : null,
            Kept = members.Rest(withoutEffect),
        };
    }

    /// <summary>A name, or the original's object of metric and direction. The best always comes first.</summary>
    private static string Criterion(JsonElement item, string path, List<RouterProblem> problems, List<string> withoutEffect)
    {
        string? metric;
        string? direction = null;
        if (item.ValueKind == JsonValueKind.String)
        {
            metric = item.GetString();
        }
        else
        {
            var members = new MemberReader(item, path, problems);
            metric = members.Text("metric", RouterOptions.LongestName);
            direction = members.Text("direction", RouterOptions.LongestName);
            members.Rest(withoutEffect);
        }

        metric = Plain(metric ?? "", MetricPrefix);
        if (!Metrics.TryGetValue(metric, out string? best))
        {
            problems.Add(new RouterProblem(path, $"must be one of {string.Join(", ", Metrics.Keys)}."));
            return "";
        }

        if (Plain(direction ?? Unspecified, DirectionPrefix) is var asked && asked != Unspecified && !best.StartsWith(asked, StringComparison.Ordinal))
        {
            problems.Add(new RouterProblem(path, $"sorts the worst first; {metric} is sorted {best}."));
        }

        return metric;
    }

    private static string Plain(string name, string prefix) =>
        (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? name[prefix.Length..] : name).ToLowerInvariant();

    private static ProviderPreference Provider(MemberReader members, List<string> withoutEffect)
    {
        bool? allow = null;
        if (members.Take("allow_fallbacks") is { } given)
        {
            if (given.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                allow = given.GetBoolean();
            }
            else
            {
                members.Problem("allow_fallbacks", "must be true or false.");
            }
        }

        return new ProviderPreference(members.Names("order"), members.Names("only"), allow) { Kept = members.Rest(withoutEffect) };
    }
}
