using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Providers.Gemini;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Chat.State;

/// <summary>Finds opaque state in a conversation. Asked only when a request is about to change its key; the usual request never pays for it.</summary>
internal static class OpaqueStateReader
{
    public static OpaqueState Find(IEnumerable<ChatMessage> messages)
    {
        OpaqueState found = OpaqueState.None;
        foreach (ChatMessage message in messages)
        {
            found |= message.RawRepresentation is OpenAIRawJson raw ? OfJson(raw.Json) : OfContents(message);
        }

        return found;
    }

    /// <summary>True while the conversation waits for a model's next word on the results of its own calls, with sealed thinking before them.</summary>
    public static bool IsAmidCalls(IEnumerable<ChatMessage> messages) =>
        messages.LastOrDefault(message => message.Role == ChatRole.Assistant) is { } last
        && last.Contents.Any(content => content is FunctionCallContent)
        && last.Contents.Any(content => content is TextReasoningContent thought && OpenAIThinking.IsOpaque(thought));

    private static OpaqueState OfContents(ChatMessage message)
    {
        OpaqueState found = OpaqueState.None;
        foreach (AIContent content in message.Contents)
        {
            found |= content switch
            {
                TextReasoningContent thought when OpenAIThinking.IsOpaque(thought) => OpaqueState.SealedThinking,
                HostedFileContent => OpaqueState.References,
                _ => OpaqueState.None,
            };
            found |= GeminiCalls.Signature(content) is null ? OpaqueState.None : OpaqueState.ThoughtSignatures;
        }

        return found;
    }

    /// <summary>A search for names first: most messages hold none, and need no parse.</summary>
    private static OpaqueState OfJson(ReadOnlyMemory<byte> json)
    {
        ReadOnlySpan<byte> text = json.Span;
        if (text.IndexOf("\"thinking_blocks\""u8) < 0 && text.IndexOf("\"thought_signature\""u8) < 0 && text.IndexOf("\"file_id\""u8) < 0
            && text.IndexOf("\"encrypted_content\""u8) < 0 && text.IndexOf("\"audio\""u8) < 0 && text.IndexOf((byte)'\\') < 0)
        {
            return OpaqueState.None;
        }

        using JsonDocument document = JsonDocument.Parse(json, JsonDepth.Document);
        return OfElement(document.RootElement);
    }

    private static OpaqueState OfElement(JsonElement element)
    {
        OpaqueState found = OpaqueState.None;
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    found |= OfElement(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    found |= OfMember(member) | OfElement(member.Value);
                }

                break;
        }

        return found;
    }

    private static OpaqueState OfMember(JsonProperty member) => member.Name switch
    {
        OpenAIThinking.Blocks when member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().Any(block => Has(block, "signature") || Has(block, "data")) => OpaqueState.SealedThinking,
        OpenAIThinking.Signature when member.Value.ValueKind == JsonValueKind.String => OpaqueState.ThoughtSignatures,
        "file_id" or "encrypted_content" when member.Value.ValueKind == JsonValueKind.String => OpaqueState.References,
        "audio" when Has(member.Value, "id") => OpaqueState.References,
        _ => OpaqueState.None,
    };

    private static bool Has(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String;
}
