using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>The typed view of answers and chunks.</summary>
internal static class OpenAIContents
{
    public static List<ChatMessage> ReadChoices(ReadOnlyMemory<byte> choices)
    {
        using JsonDocument document = JsonDocument.Parse(JsonUnicode.Mend(choices), JsonDepth.Document);
        List<ChatMessage> messages = [];
        foreach (JsonElement choice in document.RootElement.EnumerateArray())
        {
            if (choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.Object)
            {
                messages.Add(OpenAIMessageReader.ReadMessage(message));
            }
        }

        return messages;
    }

    /// <param name="usage">What was read of it already.</param>
    public static List<AIContent> ReadDeltas(JsonObject chunk, UsageDetails? usage)
    {
        List<AIContent> contents = [];
        if (chunk.Find("choices") is { Kind: JsonTokenType.StartArray } choices)
        {
            using JsonDocument document = JsonDocument.Parse(JsonUnicode.Mend(chunk.Value(choices)), JsonDepth.Document);
            foreach (JsonElement choice in document.RootElement.EnumerateArray())
            {
                // Only the first choice has a place in the typed view; the bytes hold them all.
                if (choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("delta", out JsonElement delta) && delta.ValueKind == JsonValueKind.Object
                    && (!choice.TryGetProperty("index", out JsonElement index) || index.ValueKind != JsonValueKind.Number || (index.TryGetInt32(out int position) && position == 0)))
                {
                    OpenAIMessageReader.AddContents(contents, delta, partial: true);
                }
            }
        }

        if (usage is not null)
        {
            contents.Add(new UsageContent(usage));
        }

        return contents;
    }
}
