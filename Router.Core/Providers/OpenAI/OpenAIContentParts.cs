using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Turns content that came as a list of parts into what clients of this dialect read: text, and reasoning beside it. An answer
/// whose content is text already keeps its bytes.
/// </summary>
internal static class OpenAIContentParts
{
    public static JsonObject Flatten(JsonObject body)
    {
        try
        {
            return FlattenChoices(body);
        }
        catch (InvalidOperationException)
        {
            // Half a character at the end of a piece is no text to join; the piece goes out as it came.
            return body;
        }
    }

    private static JsonObject FlattenChoices(JsonObject body)
    {
        if (body.Find("choices") is not { Kind: JsonTokenType.StartArray } member)
        {
            return body;
        }

        using JsonDocument choices = JsonDocument.Parse(body.Value(member), JsonDepth.Document);
        if (!choices.RootElement.EnumerateArray().Any(choice => Message(choice) is { } found && HasParts(found.Value)))
        {
            return body;
        }

        byte[] flat = JsonText.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (JsonElement choice in choices.RootElement.EnumerateArray())
            {
                WriteChoice(writer, choice);
            }

            writer.WriteEndArray();
        });
        return JsonObject.Parse(new JsonSplice(body).Set("choices", flat).ToArray());
    }

    private static JsonProperty? Message(JsonElement choice) => choice.ValueKind != JsonValueKind.Object ? null
        : choice.EnumerateObject().Where(member => member.Name is "message" or "delta" && member.Value.ValueKind == JsonValueKind.Object).Select(member => (JsonProperty?)member).FirstOrDefault();

    private static bool HasParts(JsonElement message) =>
        message.TryGetProperty("content", out JsonElement content) && content.ValueKind == JsonValueKind.Array;

    private static void WriteChoice(Utf8JsonWriter writer, JsonElement choice)
    {
        if (Message(choice) is not { } message || !HasParts(message.Value))
        {
            writer.WriteRawValue(choice.GetRawText(), skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        foreach (JsonProperty member in choice.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            if (member.Name == message.Name)
            {
                WriteMessage(writer, member.Value);
            }
            else
            {
                writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, JsonElement message)
    {
        writer.WriteStartObject();
        foreach (JsonProperty member in message.EnumerateObject())
        {
            if (member.Name != "content")
            {
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
                continue;
            }

            JsonElement[] parts = [.. member.Value.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object)];
            writer.WriteString("content", string.Concat(parts.Where(part => Text(part, "type") == "text").Select(part => Text(part, "text"))));
            string reasoning = string.Concat(parts.Where(part => Text(part, "type") == "thinking").Select(Thinking));
            if (reasoning.Length > 0)
            {
                writer.WriteString("reasoning_content", reasoning);
            }
        }

        writer.WriteEndObject();
    }

    private static string Thinking(JsonElement part) =>
        part.TryGetProperty("thinking", out JsonElement thinking) && thinking.ValueKind == JsonValueKind.Array
            ? string.Concat(thinking.EnumerateArray().Where(piece => piece.ValueKind == JsonValueKind.Object).Select(piece => Text(piece, "text")))
            : Text(part, "thinking") ?? "";

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
