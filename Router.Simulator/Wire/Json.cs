using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Router.Simulator.Wire;

/// <summary>Small JSON helpers. Text is escaped minimally, so that characters beyond ASCII cross the wire as UTF-8.</summary>
internal static class Json
{
    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '"', '\\']);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static string Text(string? value)
    {
        if (value is null)
            return "null";
        if (!value.AsSpan().ContainsAny(Escaped))
            return $"\"{value}\"";
        var text = new StringBuilder(value.Length + 16).Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }

    public static JsonObject? ParseObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonNode.Parse(utf8, documentOptions: Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string? Str(this JsonNode? node, string name) =>
        node is JsonObject o && o[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static int? Int(this JsonNode? node, string name) =>
        node is JsonObject o && o[name] is JsonValue value && value.TryGetValue(out double number) ? (int)number : null;

    public static bool Flag(this JsonNode? node, string name) =>
        node is JsonObject o && o[name] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    public static JsonObject? Obj(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static JsonArray? Arr(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonArray;

    public static bool Has(this JsonNode? node, string name) => node is JsonObject o && o[name] is not null;
}
