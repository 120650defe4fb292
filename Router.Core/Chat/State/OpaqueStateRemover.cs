using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Providers.Gemini;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Chat.State;

/// <summary>Makes a conversation without some kinds of opaque state. Messages that hold none stay the same instances.</summary>
internal static class OpaqueStateRemover
{
    public static IEnumerable<ChatMessage> Without(IEnumerable<ChatMessage> messages, OpaqueState kinds) =>
        kinds == OpaqueState.None ? messages : [.. messages.Select(message => Without(message, kinds))];

    private static ChatMessage Without(ChatMessage message, OpaqueState kinds)
    {
        if ((OpaqueStateReader.Find([message]) & kinds) == OpaqueState.None)
        {
            return message;
        }

        if (message.RawRepresentation is not OpenAIRawJson raw)
        {
            return new ChatMessage(message.Role, [.. message.Contents.Select(content => Without(content, kinds)).OfType<AIContent>()]) { AuthorName = message.AuthorName };
        }

        using JsonDocument document = JsonDocument.Parse(raw.Json, JsonDepth.Document);
        byte[] json = JsonText.Write(writer => Write(writer, document.RootElement, kinds));
        using JsonDocument left = JsonDocument.Parse(json, JsonDepth.Document);
        return OpenAIMessageReader.ReadMessage(left.RootElement);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, OpaqueState kinds)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    if (!IsState(member.Name, kinds))
                    {
                        writer.WritePropertyName(member.Name);
                        Write(writer, member.Value, kinds);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Write(writer, item, kinds);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteRawValue(element.GetRawText(), skipInputValidation: true);
                break;
        }
    }

    private static bool IsState(string member, OpaqueState kinds) =>
        (kinds.HasFlag(OpaqueState.SealedThinking) && member == OpenAIThinking.Blocks)
        || (kinds.HasFlag(OpaqueState.ThoughtSignatures) && member is OpenAIThinking.Signature or "extra_content");

    private static AIContent? Without(AIContent content, OpaqueState kinds) => content switch
    {
        TextReasoningContent thought when kinds.HasFlag(OpaqueState.SealedThinking) && OpenAIThinking.IsOpaque(thought) => null,
        FunctionCallContent call when kinds.HasFlag(OpaqueState.ThoughtSignatures) && GeminiCalls.Signature(call) is not null =>
            new FunctionCallContent(call.CallId, call.Name, call.Arguments),
        TextReasoningContent thought when kinds.HasFlag(OpaqueState.ThoughtSignatures) && GeminiCalls.Signature(thought) is not null =>
            new TextReasoningContent(thought.Text),
        _ => content,
    };
}
