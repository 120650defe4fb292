using System.Text.Json;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary><c>cache_control</c> marks, which callers put on messages, parts and tools of OpenAI's shape.</summary>
internal static class AnthropicCache
{
    /// <summary>The mark of what came over the wire; undefined when there is none.</summary>
    public static JsonElement Mark(object? raw)
    {
        if (raw is not OpenAIRawJson json || json.Json.Span.IndexOf("cache_control"u8) < 0)
        {
            return default;
        }

        JsonElement element = JsonElement.Parse(json.Json.Span, JsonDepth.Document);
        return element.TryGetProperty("cache_control", out JsonElement mark) ? mark : default;
    }

    public static void Write(Utf8JsonWriter writer, JsonElement mark)
    {
        if (mark.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("cache_control");
            mark.WriteTo(writer);
        }
    }
}
