using System.Text;
using System.Text.Json;
using Router.Core.Routing.Cel;
using Router.Core.Wire;

namespace Router.Core.Routing.SavedRouters;

/// <summary>
/// The variables of conditions: the request's own members, and every entry of its metadata under its own name. Only what
/// a router's conditions read is made.
/// </summary>
public static class ConditionVariables
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    public static IReadOnlyDictionary<string, CelValue> Of(RequestFacts facts, IReadOnlySet<string> wanted)
    {
        var variables = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        foreach (string name in wanted)
        {
            if (Value(name, facts) is { } value)
            {
                variables[name] = CelValue.FromJson(value);
            }
        }

        return variables;
    }

    private static JsonElement? Value(string name, RequestFacts facts) => name switch
    {
        "metadata" => facts.Metadata ?? Nothing,
        "prompt_variables" => facts.PromptVariables ?? Nothing,
        "model" => Text(facts.Model),
        "user" => Text(facts.User ?? ""),
        "stream" => JsonElement.Parse(facts.Stream ? "true" : "false"),
        "messages" => Messages(facts.Messages),
        "tools" => facts.Tools is { } tools ? Parse(tools) : JsonElement.Parse("[]"),
        _ => facts.Metadata is { } metadata && metadata.TryGetProperty(name, out JsonElement value) ? value : null,
    };

    /// <summary>Each message with its role and its text; what is no text counts for nothing.</summary>
    private static JsonElement Messages(ReadOnlyMemory<byte> json) => Parse(JsonText.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (JsonElement message in Parse(json).EnumerateArray())
        {
            writer.WriteStartObject();
            writer.WriteString("role", message.TryGetProperty("role", out JsonElement role) && role.ValueKind == JsonValueKind.String ? role.GetString() : "");
            writer.WriteString("content", message.TryGetProperty("content", out JsonElement content) ? ContentText(content) : "");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }));

    private static string ContentText(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return content.GetString()!;
        }

        var text = new StringBuilder();
        if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement part in content.EnumerateArray())
            {
                if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement piece) && piece.ValueKind == JsonValueKind.String)
                {
                    text.Append(piece.GetString());
                }
            }
        }

        return text.ToString();
    }

    private static JsonElement Text(string text) => Parse(JsonText.Quote(text));

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, JsonDepth.Reader);
        return JsonElement.ParseValue(ref reader);
    }
}
