using System.Text;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Routing.SavedRouters;

/// <summary>The values generation parameters can have.</summary>
internal static class GenerationValues
{
    private const int MostStops = 64;

    /// <summary>What a value must be, for problems.</summary>
    public static string Name(Func<JsonElement, ReadOnlyMemory<byte>?> reader) => reader.Method.Name switch
    {
        nameof(Number) => "a number",
        nameof(Whole) => "a whole number",
        nameof(Count) => "a whole number above 0",
        nameof(Stops) => "a text or a list of texts",
        nameof(Effort) => "a text",
        nameof(Object) => "an object",
        _ => "an object of token ids and numbers, or a list of objects with token_id and bias_value",
    };

    public static ReadOnlyMemory<byte>? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? Raw(value) : null;

    public static ReadOnlyMemory<byte>? Whole(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) ? Raw(value) : null;

    public static ReadOnlyMemory<byte>? Count(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count > 0 ? Raw(value) : null;

    public static ReadOnlyMemory<byte>? Stops(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Raw(value),
        JsonValueKind.Array when value.GetArrayLength() is <= MostStops and var count && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            count == 0 ? default(ReadOnlyMemory<byte>) : Raw(value),
        _ => null,
    };

    /// <summary>The original's <c>unspecified</c> says nothing.</summary>
    public static ReadOnlyMemory<byte>? Effort(JsonElement value) =>
        value.ValueKind != JsonValueKind.String ? null
        : value.ValueEquals("unspecified") || value.ValueEquals("") ? default(ReadOnlyMemory<byte>)
        : Raw(value);

    public static ReadOnlyMemory<byte>? Object(JsonElement value) => value.ValueKind == JsonValueKind.Object ? Raw(value) : null;

    /// <summary>OpenAI's map of token ids, or the original's list of them.</summary>
    public static ReadOnlyMemory<byte>? Biases(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return value.EnumerateObject().All(entry => entry.Value.ValueKind == JsonValueKind.Number) ? Raw(value) : null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var biases = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonElement item in value.EnumerateArray())
        {
            var entry = new MemberReader(item, "", []);
            if (entry.Text("token_id", RouterOptions.LongestName) is not { } token || entry.Take("bias_value") is not { ValueKind: JsonValueKind.Number } bias)
            {
                return null;
            }

            biases[token] = bias.GetRawText();
        }

        return biases.Count == 0 ? default(ReadOnlyMemory<byte>) : JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach ((string token, string bias) in biases)
            {
                writer.WritePropertyName(token);
                writer.WriteRawValue(bias, skipInputValidation: true);
            }

            writer.WriteEndObject();
        });
    }

    // Nullable here, or null beside it would become an empty value: memory converts from a null array.
    private static ReadOnlyMemory<byte>? Raw(JsonElement value) => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(value.GetRawText());
}
