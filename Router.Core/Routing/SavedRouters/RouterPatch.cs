using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Applies a partial update to a definition.</summary>
public static class RouterPatch
{
    private const int MostPaths = 64;
    private const int DeepestPath = 16;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = Wire.JsonDepth.Most };

    /// <summary>
    /// The definition with each member that <paramref name="mask"/> names taken from <paramref name="patch"/>, or removed
    /// where that has none. Paths are separated by commas, their names by dots, in snake or camel case; <c>*</c> names
    /// all. Without a mask every member the patch has is taken. The name stays.
    /// </summary>
    /// <param name="definition">A whole definition.</param>
    /// <param name="patch">What <see cref="SavedRouterReader.Parse"/> took for an object.</param>
    /// <returns>Null when the mask is no mask.</returns>
    public static byte[]? Apply(ReadOnlySpan<byte> definition, ReadOnlySpan<byte> patch, string? mask)
    {
        JsonObject target = JsonNode.Parse(definition, documentOptions: Wire.JsonDepth.Document)!.AsObject();
        JsonObject source = JsonNode.Parse(patch, documentOptions: Wire.JsonDepth.Document)!.AsObject();
        JsonNode name = target["name"]!.DeepClone();
        if (mask?.Trim() == "*")
        {
            target = source.DeepClone().AsObject();
        }
        else if (Paths(mask, source) is { } paths)
        {
            foreach (ImmutableArray<string> path in paths)
            {
                Copy(target, source, path);
            }
        }
        else
        {
            return null;
        }

        Remove(target, "name");
        target.Insert(0, "name", name);
        return Encoding.UTF8.GetBytes(target.ToJsonString(Plain));
    }

    /// <summary>The names of the members two definitions differ in.</summary>
    public static IReadOnlyList<string> Changed(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        (JsonObject from, JsonObject to) = (JsonNode.Parse(before, documentOptions: Wire.JsonDepth.Document)!.AsObject(), JsonNode.Parse(after, documentOptions: Wire.JsonDepth.Document)!.AsObject());
        return [.. from.Concat(to).Select(member => member.Key).Distinct().Where(name => !JsonNode.DeepEquals(from[name], to[name])).Order(StringComparer.Ordinal)];
    }

    private static List<ImmutableArray<string>>? Paths(string? mask, JsonObject source)
    {
        if (string.IsNullOrWhiteSpace(mask))
        {
            return source.Count <= MemberReader.MostMembers ? [.. source.Select(member => ImmutableArray.Create(member.Key))] : null;
        }

        string[] paths = mask.Split(',', StringSplitOptions.TrimEntries);
        return paths.Length > MostPaths || !paths.All(path => path.Split('.') is { Length: <= DeepestPath } parts && parts.All(IsName))
            ? null
            : [.. paths.Select(path => path.Split('.').ToImmutableArray())];
    }

    private static bool IsName(string part) => part.Length > 0 && part.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');

    private static void Copy(JsonObject target, JsonObject? source, ImmutableArray<string> path)
    {
        for (int i = 0; i < path.Length - 1; i++)
        {
            source = source is null ? null : Find(source, path[i]) as JsonObject;
            if (Find(target, path[i]) is JsonObject inner)
            {
                target = inner;
            }
            else
            {
                Remove(target, path[i]);
                var made = new JsonObject();
                target[path[i]] = made;
                target = made;
            }
        }

        JsonNode? value = source is null ? null : Find(source, path[^1])?.DeepClone();
        Remove(target, path[^1]);
        if (value is not null)
        {
            target[path[^1]] = value;
        }
    }

    private static JsonNode? Find(JsonObject json, string name) =>
        json.FirstOrDefault(member => LooseName.Same(member.Key, name)).Value;

    private static void Remove(JsonObject json, string name)
    {
        foreach (string key in json.Select(member => member.Key).Where(key => LooseName.Same(key, name)).ToArray())
        {
            json.Remove(key);
        }
    }
}
