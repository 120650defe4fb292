using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>The request body from the typed view alone, for callers in this process and of other dialects.</summary>
internal static class OpenAITypedRequest
{
    public static byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream, Quirks quirks) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("model", options?.ModelId);
        writer.WritePropertyName("messages");
        OpenAIMessageWriter.Write(writer, string.IsNullOrEmpty(options?.Instructions) ? messages : messages.Prepend(new ChatMessage(ChatRole.System, options.Instructions)));
        if (options is not null)
        {
            WriteOptions(writer, options, quirks);
            WriteTools(writer, options);
        }

        if (stream)
        {
            writer.WriteBoolean("stream", true);
            if (quirks.StreamOptions)
            {
                writer.WriteStartObject("stream_options");
                writer.WriteBoolean("include_usage", true);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    });

    private static void WriteOptions(Utf8JsonWriter writer, ChatOptions options, Quirks quirks)
    {
        WriteNumber(writer, "temperature", options.Temperature);
        WriteNumber(writer, "top_p", options.TopP);
        WriteNumber(writer, "frequency_penalty", options.FrequencyPenalty);
        WriteNumber(writer, "presence_penalty", options.PresencePenalty);
        WriteInteger(writer, quirks.OutputLimit, options.MaxOutputTokens);
        WriteInteger(writer, "seed", options.Seed);
        if (options.StopSequences is { Count: > 0 } stops)
        {
            writer.WriteStartArray("stop");
            foreach (string stop in stops)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        if (options.ResponseFormat is ChatResponseFormatJson json)
        {
            writer.WriteStartObject("response_format");
            writer.WriteString("type", json.Schema is null ? "json_object" : "json_schema");
            if (json.Schema is { } schema)
            {
                writer.WriteStartObject("json_schema");
                writer.WriteString("name", json.SchemaName ?? "answer");
                writer.WritePropertyName("schema");
                schema.WriteTo(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }
    }

    private static void WriteTools(Utf8JsonWriter writer, ChatOptions options)
    {
        AIFunctionDeclaration[] functions = [.. (options.Tools ?? []).OfType<AIFunctionDeclaration>()];
        if (functions.Length == 0)
        {
            return;
        }

        writer.WriteStartArray("tools");
        foreach (AIFunctionDeclaration function in functions)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", function.Name);
            writer.WriteString("description", function.Description);
            writer.WritePropertyName("parameters");
            function.JsonSchema.WriteTo(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (options.AllowMultipleToolCalls is { } parallel)
        {
            writer.WriteBoolean("parallel_tool_calls", parallel);
        }

        WriteToolChoice(writer, options.ToolMode);
    }

    private static void WriteToolChoice(Utf8JsonWriter writer, ChatToolMode? mode)
    {
        switch (mode)
        {
            case NoneChatToolMode:
                writer.WriteString("tool_choice", "none");
                break;
            case AutoChatToolMode:
                writer.WriteString("tool_choice", "auto");
                break;
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                writer.WriteStartObject("tool_choice");
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", name);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case RequiredChatToolMode:
                writer.WriteString("tool_choice", "required");
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, float? value)
    {
        if (value is { } number)
        {
            // Through decimal, so that 0.1f is written as 0.1.
            writer.WriteNumber(name, (decimal)number);
        }
    }

    private static void WriteInteger(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }
}
