using System.Globalization;
using System.Text.RegularExpressions;

namespace Router.Tests.Signals;

/// <summary>Reads which series an expression asks for, with which values of which labels, and by which labels it groups.</summary>
internal sealed partial record PromQl(IReadOnlyList<(string Series, IReadOnlyList<(string Label, string Value)> Labels)> Selectors, IReadOnlyList<string> GroupedBy)
{
    private static readonly HashSet<string> s_words = ["and", "or", "unless", "on", "ignoring", "group_left", "group_right", "bool", "offset", "by", "without"];

    public static PromQl Read(string expression)
    {
        // Values may hold anything, and ranges hold Grafana's variables: neither names a series.
        List<string> values = [];
        string text = Quoted().Replace(expression, quoted =>
        {
            values.Add(quoted.Value.Trim('"'));
            return $"\"{values.Count - 1}\"";
        });
        text = Range().Replace(text, "");
        var grouped = Grouping().Matches(text).SelectMany(match => Names(match.Groups[1].Value)).ToList();
        text = Grouping().Replace(text, "");
        List<(string, IReadOnlyList<(string, string)>)> selectors = [];
        foreach (Match match in Selector().Matches(text))
        {
            if (!s_words.Contains(match.Groups["name"].Value))
            {
                selectors.Add((match.Groups["name"].Value, [.. Matched().Matches(match.Groups["labels"].Value).Select(label => (label.Groups[1].Value, values[int.Parse(label.Groups[2].Value, CultureInfo.InvariantCulture)]))]));
            }
        }

        return new PromQl(selectors, grouped);
    }

    /// <summary>What the expression asks for that the code does not have.</summary>
    public IEnumerable<string> Unknown(IReadOnlyList<Signal> signals)
    {
        HashSet<string> known = [];
        foreach ((string series, IReadOnlyList<(string Label, string Value)> labels) in Selectors)
        {
            if (signals.FirstOrDefault(signal => signal.Series().Contains(series)) is not { } signal)
            {
                yield return $"no instrument makes {series}";
                continue;
            }

            known.UnionWith(signal.Labels(series));
            foreach (string label in labels.Select(one => one.Label).Except(signal.Labels(series)))
            {
                yield return $"{series} has no label {label}";
            }
        }

        foreach (string label in GroupedBy.Except(known))
        {
            yield return $"nothing in it has the label {label}";
        }
    }

    private static IEnumerable<string> Names(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(?<![\w$.:])(?<name>[a-zA-Z_:][\w:]*)(?![\w:]*\s*\()\s*(?:\{(?<labels>[^}]*)\})?")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)\s*""(\d+)""")]
    private static partial Regex Matched();
}
