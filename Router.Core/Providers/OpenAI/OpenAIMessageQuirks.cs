using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Rewrites messages where a provider takes a role, a field or an id differently; every other message keeps its bytes.</summary>
internal static class OpenAIMessageQuirks
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Whether messages that have these may have to change.</summary>
    public static bool Concern(MessageMarks marks, Quirks quirks) =>
        (quirks.DeveloperIsSystem && marks.HasFlag(MessageMarks.Developer))
        || (quirks.ReasoningHistory is not null && marks.HasFlag(MessageMarks.Reasoning))
        || (quirks.NineCharacterCallIds && marks.HasFlag(MessageMarks.ToolCalls));

    /// <summary>The messages as the provider takes them.</summary>
    public static byte[] Rewrite(ReadOnlyMemory<byte> messages, Quirks quirks)
    {
        using JsonDocument document = JsonDocument.Parse(messages, JsonDepth.Document);
        return JsonText.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (JsonElement message in document.RootElement.EnumerateArray())
            {
                WriteMessage(writer, message, quirks);
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>An id of the provider's own shape stays; any other always becomes the same nine characters.</summary>
    public static string NineCharacters(string id)
    {
        if (id.Length == 9 && id.All(char.IsAsciiLetterOrDigit))
        {
            return id;
        }

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return string.Create(9, hash, static (characters, bytes) =>
        {
            for (int i = 0; i < characters.Length; i++)
            {
                characters[i] = Alphabet[bytes[i] % Alphabet.Length];
            }
        });
    }

    private static void WriteMessage(Utf8JsonWriter writer, JsonElement message, Quirks quirks)
    {
        writer.WriteStartObject();
        foreach (JsonProperty member in message.EnumerateObject())
        {
            switch (member.Name)
            {
                case "role" when quirks.DeveloperIsSystem && member.Value.ValueKind == JsonValueKind.String && member.Value.ValueEquals("developer"):
                    writer.WriteString("role", "system");
                    break;
                case "reasoning_content" or "reasoning" when quirks.ReasoningHistory is { } name:
                    if (name.Length > 0 && (name == member.Name || !message.TryGetProperty(name, out _)))
                    {
                        writer.WritePropertyName(name);
                        writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
                    }

                    break;
                case OpenAIThinking.Blocks when quirks.ReasoningHistory is not null:
                    break;
                case "tool_call_id" when quirks.NineCharacterCallIds && member.Value.ValueKind == JsonValueKind.String:
                    writer.WriteString(member.Name, NineCharacters(member.Value.GetString()!));
                    break;
                case "tool_calls" when quirks.NineCharacterCallIds && member.Value.ValueKind == JsonValueKind.Array:
                    WriteCalls(writer, member.Value);
                    break;
                default:
                    writer.WritePropertyName(member.Name);
                    writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
                    break;
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter writer, JsonElement calls)
    {
        writer.WriteStartArray("tool_calls");
        foreach (JsonElement call in calls.EnumerateArray())
        {
            if (call.ValueKind != JsonValueKind.Object)
            {
                writer.WriteRawValue(call.GetRawText(), skipInputValidation: true);
                continue;
            }

            writer.WriteStartObject();
            foreach (JsonProperty member in call.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (member.Name == "id" && member.Value.ValueKind == JsonValueKind.String)
                {
                    writer.WriteStringValue(NineCharacters(member.Value.GetString()!));
                }
                else
                {
                    writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
