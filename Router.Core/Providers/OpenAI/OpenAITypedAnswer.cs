using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>Writes an answer of another dialect, known by its typed view, in this one.</summary>
public static class OpenAITypedAnswer
{
    private const int LargestSpare = 64 * 1024;

    [ThreadStatic]
    private static JsonObjectWriter? _spare;

    public static JsonObject Write(ChatResponse response, DateTimeOffset now)
    {
        JsonObjectWriter text = _spare ?? new JsonObjectWriter(4096);
        // Taken while in use: a failure leaves it half written.
        _spare = null;
        JsonObject answer = Write(text, response, now);
        _spare = text.Capacity <= LargestSpare ? text : null;
        return answer;
    }

    private static JsonObject Write(JsonObjectWriter text, ChatResponse response, DateTimeOffset now)
    {
        text.Begin();
        text.String("id", response.ResponseId ?? "chatcmpl-" + Guid.NewGuid().ToString("N"));
        text.String("object", "chat.completion");
        text.Number("created", (response.CreatedAt ?? now).ToUnixTimeSeconds());
        text.String("model", response.ModelId);
        Utf8JsonWriter choices = text.Member("choices", JsonTokenType.StartArray);
        choices.WriteStartArray();
        for (int i = 0; i < response.Messages.Count; i++)
        {
            choices.WriteStartObject();
            choices.WriteNumber("index", i);
            choices.WritePropertyName("message");
            WriteMessage(choices, response.Messages[i].Contents);
            choices.WriteNull("logprobs");
            choices.WriteString("finish_reason", response.FinishReason?.Value ?? "stop");
            choices.WriteEndObject();
        }

        choices.WriteEndArray();
        if (response.Usage is { InputTokenCount: not null, OutputTokenCount: not null } usage)
        {
            OpenAIUsageWriter.Write(text.Member("usage", JsonTokenType.StartObject), usage);
        }

        return text.End();
    }

    private static void WriteMessage(Utf8JsonWriter writer, IList<AIContent> contents)
    {
        if (contents is [TextContent only])
        {
            writer.WriteStartObject();
            writer.WriteString("role", "assistant");
            writer.WriteString("content", only.Text);
            writer.WriteNull("refusal");
            writer.WriteEndObject();
            return;
        }

        string text = string.Concat(contents.OfType<TextContent>().Select(content => content.Text));
        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
        TextReasoningContent[] thoughts = [.. contents.OfType<TextReasoningContent>()];
        ErrorContent? refusal = contents.OfType<ErrorContent>().FirstOrDefault(content => content.ErrorCode == "refusal");

        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        if (text.Length == 0 && (calls.Length > 0 || refusal is not null))
        {
            writer.WriteNull("content");
        }
        else
        {
            writer.WriteString("content", text);
        }

        string reasoning = string.Concat(thoughts.Select(thought => thought.Text));
        if (reasoning.Length > 0)
        {
            writer.WriteString("reasoning_content", reasoning);
        }

        OpenAIThinking.Write(writer, thoughts);
        writer.WriteString("refusal", refusal?.Message);
        if (calls.Length > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (FunctionCallContent call in calls)
            {
                WriteCall(writer, call);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter writer, FunctionCallContent call)
    {
        writer.WriteStartObject();
        writer.WriteString("id", call.CallId);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", call.Name);
        writer.WriteString("arguments", OpenAIThinking.Arguments(call));
        writer.WriteEndObject();
        OpenAIThinking.WriteCallExtras(writer, call);
        writer.WriteEndObject();
    }
}
