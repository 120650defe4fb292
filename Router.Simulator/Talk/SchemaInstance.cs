using System.Text.Json.Nodes;
using Router.Simulator.Wire;

namespace Router.Simulator.Talk;

/// <summary>The smallest value that fits a JSON schema, as far as models are asked for.</summary>
internal static class SchemaInstance
{
    private const int MaxDepth = 12;

    public static string Arguments(JsonNode? schema, int padding)
    {
        var arguments = schema is JsonObject o ? Of(o) as JsonObject ?? [] : [];
        if (padding > 0)
            arguments["padding"] = new string('x', padding);
        return arguments.ToJsonString();
    }

    public static JsonNode Of(JsonObject schema) => Of(schema, schema, 0) ?? new JsonObject();

    private static JsonNode? Of(JsonNode? node, JsonObject root, int depth)
    {
        if (node is not JsonObject schema || depth > MaxDepth)
            return new JsonObject();
        if (schema.Str("$ref") is { } reference)
            return Of(Resolve(root, reference), root, depth + 1);
        if (schema["const"] is { } constant)
            return constant.DeepClone();
        if (schema["default"] is { } preset)
            return preset.DeepClone();
        if (schema.Arr("enum") is { Count: > 0 } values)
            return values[0]?.DeepClone();
        foreach (var choice in (string[])["anyOf", "oneOf", "allOf"])
        {
            if (schema.Arr(choice) is { Count: > 0 } options)
                return Of(options[0], root, depth + 1);
        }

        var type = schema.Arr("type") is { Count: > 0 } types ? (string?)types[0] : schema.Str("type");
        return (type ?? (schema.Has("properties") ? "object" : "string")).ToLowerInvariant() switch
        {
            "object" => Properties(schema, root, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, Math.Max(1, schema.Int("minItems") ?? 1)).Select(_ => Of(schema["items"], root, depth + 1))]),
            "integer" => JsonValue.Create(schema.Int("minimum") ?? 1),
            "number" => JsonNode.Parse(schema.Int("minimum") is { } least ? $"{least}.5" : "1.5"),
            "boolean" => JsonValue.Create(true),
            "null" => null,
            _ => JsonValue.Create("sample".PadRight(schema.Int("minLength") ?? 0, 'x')),
        };
    }

    private static JsonObject Properties(JsonObject schema, JsonObject root, int depth)
    {
        var required = schema.Arr("required")?.Select(n => (string?)n).ToHashSet();
        return new JsonObject((schema.Obj("properties") ?? [])
            .Where(p => required is null || required.Contains(p.Key))
            .Select(p => KeyValuePair.Create(p.Key, Of(p.Value, root, depth + 1))));
    }

    private static JsonNode? Resolve(JsonObject root, string reference)
    {
        JsonNode? node = root;
        foreach (var name in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = (node as JsonObject)?[name];
        return node;
    }
}
