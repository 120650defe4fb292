using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>
/// Takes the members of one JSON object, whether their names are in snake or camel case, and keeps the rest. Null counts
/// as absent. Every problem is noted with its path and reading goes on.
/// </summary>
internal sealed class MemberReader
{
    /// <summary>No object of a definition needs more; every replica reads definitions again and again.</summary>
    public const int MostMembers = 256;

    private readonly Dictionary<string, JsonProperty> _left = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly List<RouterProblem> _problems;

    public MemberReader(JsonElement json, string path, List<RouterProblem> problems)
    {
        (_path, _problems) = (path, problems);
        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new RouterProblem(path, "must be an object."));
            return;
        }

        if (json.EnumerateObject().Skip(MostMembers).Any())
        {
            problems.Add(new RouterProblem(path, $"has more than {MostMembers} members."));
            return;
        }

        foreach (JsonProperty member in json.EnumerateObject())
        {
            string loose = LooseName.Of(member.Name);
            if (member.Value.ValueKind == JsonValueKind.Null ? _left.ContainsKey(loose) : !_left.TryAdd(loose, member))
            {
                Problem(Shown(member.Name), "is given twice.");
            }
        }
    }

    public List<RouterProblem> Problems => _problems;

    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public void Problem(string name, string what) => _problems.Add(new RouterProblem(PathOf(name), what));

    /// <summary>The member, once; null when absent.</summary>
    public JsonElement? Take(string name)
    {
        return _left.Remove(LooseName.Of(name), out JsonProperty member) ? member.Value : null;
    }

    public string? Text(string name, int longest)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= longest)
        {
            return text;
        }

        Problem(name, $"must be a text of at most {longest} characters.");
        return null;
    }

    public MemberReader? Object(string name) => Take(name) is { } value ? new MemberReader(value, PathOf(name), _problems) : null;

    /// <summary>The items of a list with the path of each; empty when absent.</summary>
    public IEnumerable<(JsonElement Item, string Path)> List(string name, int most)
    {
        if (Take(name) is not { } value)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most)
        {
            return value.EnumerateArray().Select((item, i) => (item, $"{PathOf(name)}[{i}]"));
        }

        Problem(name, $"must be a list of at most {most}.");
        return [];
    }

    public ImmutableArray<string> Names(string name)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach ((JsonElement item, string path) in List(name, RouterOptions.MostModels))
        {
            if (item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 and <= RouterOptions.LongestName } text && !text.Any(char.IsControl))
            {
                names.Add(text);
            }
            else
            {
                _problems.Add(new RouterProblem(path, $"must be a name of 1 to {RouterOptions.LongestName} characters."));
            }
        }

        return names.DrainToImmutable();
    }

    /// <summary>What was not taken, as it came.</summary>
    public ImmutableArray<KeyValuePair<string, JsonElement>> Rest()
    {
        ImmutableArray<KeyValuePair<string, JsonElement>> rest = [.. _left.Values.Select(member => KeyValuePair.Create(member.Name, member.Value))];
        _left.Clear();
        return rest;
    }

    /// <summary>The rest, and a note that it has no effect.</summary>
    public ImmutableArray<KeyValuePair<string, JsonElement>> Rest(List<string> withoutEffect)
    {
        ImmutableArray<KeyValuePair<string, JsonElement>> rest = Rest();
        withoutEffect.AddRange(rest.Select(member => PathOf(Shown(member.Key))));
        return rest;
    }

    private static string Shown(string name) => name.Length <= 64 ? name : name[..64] + "…";
}
