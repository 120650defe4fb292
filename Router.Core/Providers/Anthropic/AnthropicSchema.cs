using System.Collections.Frozen;
using System.Text.Json;
using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>Fits a JSON schema to what the provider's structured output takes: closed objects, no limits on values.</summary>
internal static class AnthropicSchema
{
    private static readonly FrozenSet<string> Unsupported = new[]
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
        "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "not",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Formats = new[]
    {
        "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static JsonElement Fit(JsonElement schema, Losses losses)
    {
        var lost = new SortedSet<string>(StringComparer.Ordinal);
        byte[] fitted = JsonText.Write(writer => Write(writer, schema, lost));
        if (lost.Count > 0)
        {
            losses.Report("response_format", $"keeps its shape, but these keywords of its schema are not enforced: {string.Join(", ", lost)}");
        }

        return JsonElement.Parse(fitted, JsonDepth.Document);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement schema, SortedSet<string> lost)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (Unsupported.Contains(member.Name) || (member.Name == "format" && !Formats.Contains(member.Value.ToString())))
            {
                lost.Add(member.Name);
            }
            else if (member.Name != "additionalProperties")
            {
                writer.WritePropertyName(member.Name == "oneOf" ? "anyOf" : member.Name);
                WriteValue(writer, member, lost);
            }
        }

        if (schema.TryGetProperty("properties", out _) || (schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object"))
        {
            writer.WriteBoolean("additionalProperties", false);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, JsonProperty member, SortedSet<string> lost)
    {
        switch (member.Name)
        {
            case "properties" or "$defs" or "definitions" when member.Value.ValueKind == JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty named in member.Value.EnumerateObject())
                {
                    writer.WritePropertyName(named.Name);
                    Write(writer, named.Value, lost);
                }

                writer.WriteEndObject();
                break;
            case "anyOf" or "oneOf" or "allOf" or "prefixItems" when member.Value.ValueKind == JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement option in member.Value.EnumerateArray())
                {
                    Write(writer, option, lost);
                }

                writer.WriteEndArray();
                break;
            case "items":
                Write(writer, member.Value, lost);
                break;
            default:
                member.Value.WriteTo(writer);
                break;
        }
    }
}
