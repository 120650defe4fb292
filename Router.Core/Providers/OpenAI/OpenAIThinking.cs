using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Opaque provider state that clients send back on the next turn: signed thinking as <c>thinking_blocks</c>, a signature on a
/// tool call as <c>extra_content.google.thought_signature</c>. Both are what clients of these providers already know.
/// </summary>
internal static class OpenAIThinking
{
    public const string Blocks = "thinking_blocks";

    /// <summary>Property of a content: the sealed text of a block whose words are withheld.</summary>
    public const string Redacted = "redacted_data";

    /// <summary>Property of a tool call: the signature that must come back with it.</summary>
    public const string Signature = "thought_signature";

    /// <summary>Writes the blocks that carry a signature or a sealed text; others are reasoning text and nothing more.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyCollection<TextReasoningContent> thoughts)
    {
        if (!thoughts.Any(IsOpaque))
        {
            return;
        }

        writer.WriteStartArray(Blocks);
        foreach (TextReasoningContent thought in thoughts.Where(IsOpaque))
        {
            writer.WriteStartObject();
            if (Property(thought, Redacted) is { } data)
            {
                writer.WriteString("type", "redacted_thinking");
                writer.WriteString("data", data);
            }
            else
            {
                writer.WriteString("type", "thinking");
                writer.WriteString("thinking", thought.Text);
                writer.WriteString("signature", thought.ProtectedData);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteCallExtras(Utf8JsonWriter writer, FunctionCallContent call)
    {
        if (Property(call, Signature) is not { } signature)
        {
            return;
        }

        writer.WriteStartObject("extra_content");
        writer.WriteStartObject("google");
        writer.WriteString(Signature, signature);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The blocks of an assistant message that is sent back.</summary>
    public static IEnumerable<TextReasoningContent> Read(JsonElement message)
    {
        if (!message.TryGetProperty(Blocks, out JsonElement blocks) || blocks.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (JsonElement block in blocks.EnumerateArray().Where(block => block.ValueKind == JsonValueKind.Object))
        {
            if (Text(block, "data") is { } data)
            {
                yield return new TextReasoningContent("") { AdditionalProperties = new() { [Redacted] = data } };
            }
            else
            {
                yield return new TextReasoningContent(Text(block, "thinking") ?? "") { ProtectedData = Text(block, "signature") };
            }
        }
    }

    /// <summary>The signature on a tool call that is sent back.</summary>
    public static string? ReadSignature(JsonElement call) =>
        call.TryGetProperty("extra_content", out JsonElement extra) && extra.ValueKind == JsonValueKind.Object
        && extra.TryGetProperty("google", out JsonElement google) && google.ValueKind == JsonValueKind.Object
            ? Text(google, Signature)
            : null;

    /// <summary>A call's arguments as JSON text, from its map or, in a stream, from the piece it carries.</summary>
    public static string Arguments(FunctionCallContent call) =>
        Property(call, OpenAIMessageReader.PartialArguments)
        ?? JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), OpenAIJsonContext.Default.IDictionaryStringObject);

    public static bool IsOpaque(TextReasoningContent thought) =>
        thought.ProtectedData is not null || Property(thought, Redacted) is not null;

    private static string? Property(AIContent content, string name) =>
        content.AdditionalProperties?.TryGetValue(name, out object? value) == true ? value as string : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
