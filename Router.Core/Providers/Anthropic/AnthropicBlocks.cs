using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Providers.Anthropic;

/// <summary>A message's contents as content blocks.</summary>
internal static class AnthropicBlocks
{
    public static List<Action<Utf8JsonWriter>> Of(ChatMessage message, Losses losses)
    {
        List<Action<Utf8JsonWriter>> blocks = [];
        JsonElement mark = AnthropicCache.Mark(message.RawRepresentation);
        IList<AIContent> contents = message.Contents;
        int last = contents.Count - 1;
        while (last >= 0 && contents[last] is FunctionResultContent)
        {
            last--;
        }

        for (int i = 0; i <= last; i++)
        {
            if (contents[i] is FunctionResultContent)
            {
                continue;
            }

            JsonElement own = AnthropicCache.Mark(contents[i].RawRepresentation);
            // A mark on the whole message means everything up to its end.
            JsonElement cache = own.ValueKind == JsonValueKind.Object || i < last ? own : mark;
            if (Block(contents[i], cache, losses) is { } block)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }

    public static Action<Utf8JsonWriter> Text(string text, JsonElement cache = default) => writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "text");
        writer.WriteString("text", text);
        AnthropicCache.Write(writer, cache);
        writer.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> Result(FunctionResultContent result, ChatMessage message, Losses losses) => writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "tool_result");
        writer.WriteString("tool_use_id", AnthropicIds.Fit(result.CallId));
        switch (result.Result)
        {
            case null or "":
                break;
            case string text:
                writer.WriteString("content", text);
                break;
            case JsonElement { ValueKind: JsonValueKind.Array } parts:
                List<AIContent> contents = [];
                OpenAIPartReader.Add(contents, parts);
                writer.WriteStartArray("content");
                foreach (AIContent content in contents)
                {
                    Block(content, AnthropicCache.Mark(content.RawRepresentation), losses)?.Invoke(writer);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteString("content", JsonSerializer.Serialize(result.Result, AnyJson.TypeOf(result.Result.GetType())));
                break;
        }

        AnthropicCache.Write(writer, AnthropicCache.Mark(message.RawRepresentation));
        writer.WriteEndObject();
    };

    private static Action<Utf8JsonWriter>? Block(AIContent content, JsonElement cache, Losses losses)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                return Text(text.Text, cache);
            case TextContent:
                return null;
            case TextReasoningContent thought:
                return Thought(thought);
            case FunctionCallContent call:
                return Call(call, cache);
            case DataContent or UriContent:
                return AnthropicMedia.Block(content, cache, losses);
            case ErrorContent { ErrorCode: "refusal" } refusal:
                return refusal.Message.Length > 0 ? Text(refusal.Message, cache) : null;
            default:
                losses.Report("messages", "holds a kind of content that has no equivalent and is left out");
                return null;
        }
    }

    /// <summary>Only what the provider itself sealed may go back; reasoning text of others is no part of the conversation here.</summary>
    private static Action<Utf8JsonWriter>? Thought(TextReasoningContent thought)
    {
        if (thought.AdditionalProperties?.TryGetValue(OpenAIThinking.Redacted, out object? data) == true && data is string sealed_)
        {
            return writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("type", "redacted_thinking");
                writer.WriteString("data", sealed_);
                writer.WriteEndObject();
            };
        }

        if (string.IsNullOrEmpty(thought.ProtectedData))
        {
            return null;
        }

        return writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "thinking");
            writer.WriteString("thinking", thought.Text);
            writer.WriteString("signature", thought.ProtectedData);
            writer.WriteEndObject();
        };
    }

    private static Action<Utf8JsonWriter> Call(FunctionCallContent call, JsonElement cache) => writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "tool_use");
        writer.WriteString("id", AnthropicIds.Fit(call.CallId));
        writer.WriteString("name", call.Name);
        writer.WritePropertyName("input");
        writer.WriteRawValue(AnthropicIds.Input(call), skipInputValidation: true);
        AnthropicCache.Write(writer, cache);
        writer.WriteEndObject();
    };
}
