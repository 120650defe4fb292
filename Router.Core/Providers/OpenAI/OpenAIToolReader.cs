using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.OpenAI;

/// <summary>The typed view of tools, their choice, and the answer's format.</summary>
internal static class OpenAIToolReader
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    public static List<AITool> Tools(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw OpenAIOptionsReader.Invalid("tools", "must be a list");
        }

        return [.. value.EnumerateArray().Select(Tool)];
    }

    public static ChatToolMode Choice(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString() switch
            {
                "none" => ChatToolMode.None,
                "auto" => ChatToolMode.Auto,
                "required" or "any" => ChatToolMode.RequireAny,
                _ => throw OpenAIOptionsReader.Invalid("tool_choice", "must be none, auto, required or a named function"),
            };
        }

        return value.ValueKind == JsonValueKind.Object && Text(Member(value, "function"), "name") is { } name && !string.IsNullOrWhiteSpace(name)
            ? ChatToolMode.RequireSpecific(name)
            : throw OpenAIOptionsReader.Invalid("tool_choice", "must be none, auto, required or a named function");
    }

    public static ChatResponseFormat Format(JsonElement value)
    {
        switch (Text(value, "type"))
        {
            case "text":
                return ChatResponseFormat.Text;
            case "json_object":
                return ChatResponseFormat.Json;
            case "json_schema" when Member(value, "json_schema") is { ValueKind: JsonValueKind.Object } schema && Member(schema, "schema") is { ValueKind: JsonValueKind.Object } shape:
                return ChatResponseFormat.ForJsonSchema(shape, Text(schema, "name"), Text(schema, "description"));
            default:
                throw OpenAIOptionsReader.Invalid("response_format", "must be of type text, json_object or json_schema with a schema");
        }
    }

    private static OpenAIToolDeclaration Tool(JsonElement tool, int index)
    {
        JsonElement function = Member(tool, "function");
        if (Text(tool, "type") is not (null or "function") || Text(function, "name") is not { Length: > 0 } name)
        {
            throw OpenAIOptionsReader.Invalid($"tools[{index}]", "must be a function with a name; other kinds of tools have no equivalent at this provider");
        }

        JsonElement parameters = Member(function, "parameters");
        return new OpenAIToolDeclaration(name, Text(function, "description") ?? "", parameters.ValueKind == JsonValueKind.Object ? parameters : NoParameters, tool);
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}

/// <summary>A function as the caller declared it; <see cref="Raw"/> is its own JSON, and what of it has no typed home stands in the additional properties.</summary>
public sealed class OpenAIToolDeclaration : AIFunctionDeclaration
{
    private readonly Dictionary<string, object?> _extras = [];

    public OpenAIToolDeclaration(string name, string description, JsonElement parameters, JsonElement raw)
    {
        Name = name;
        Description = description;
        JsonSchema = parameters;
        Raw = raw;
        foreach (JsonElement level in (ReadOnlySpan<JsonElement>)[raw, raw.GetProperty("function")])
        {
            foreach (JsonProperty member in level.EnumerateObject())
            {
                if (member.Name is not ("type" or "function" or "name" or "description" or "parameters"))
                {
                    _extras[member.Name] = member.Value;
                }
            }
        }
    }

    public override string Name { get; }

    public override string Description { get; }

    public override JsonElement JsonSchema { get; }

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => _extras;

    public JsonElement Raw { get; }
}
