using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.OpenAI;

/// <summary>Writes typed messages in this dialect. A message that still carries its own JSON is written as that JSON.</summary>
internal static class OpenAIMessageWriter
{
    public static void Write(Utf8JsonWriter writer, IEnumerable<ChatMessage> messages)
    {
        writer.WriteStartArray();
        foreach (ChatMessage message in messages)
        {
            if (message.RawRepresentation is OpenAIRawJson raw)
            {
                writer.WriteRawValue(raw.Json.Span, skipInputValidation: true);
                continue;
            }

            foreach (FunctionResultContent result in message.Contents.OfType<FunctionResultContent>())
            {
                WriteToolResult(writer, result);
            }

            if (message.Contents.Any(content => content is not FunctionResultContent) || message.Contents.Count == 0)
            {
                WriteMessage(writer, message);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter writer, ChatMessage message)
    {
        writer.WriteStartObject();
        writer.WriteString("role", message.Role.Value);
        if (message.AuthorName is { } name)
        {
            writer.WriteString("name", name);
        }

        WriteContent(writer, message);
        FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
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

    private static void WriteContent(Utf8JsonWriter writer, ChatMessage message)
    {
        AIContent[] parts = [.. message.Contents.Where(content => content is TextContent or DataContent or UriContent)];
        if (parts.All(part => part is TextContent))
        {
            writer.WriteString("content", string.Concat(parts.Cast<TextContent>().Select(part => part.Text)));
            return;
        }

        writer.WriteStartArray("content");
        foreach (AIContent part in parts)
        {
            OpenAIPartWriter.Write(writer, part);
        }

        writer.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter writer, FunctionCallContent call)
    {
        writer.WriteStartObject();
        writer.WriteString("id", call.CallId);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", call.Name);
        writer.WriteString("arguments", JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), OpenAIJsonContext.Default.IDictionaryStringObject));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteToolResult(Utf8JsonWriter writer, FunctionResultContent result)
    {
        writer.WriteStartObject();
        writer.WriteString("role", "tool");
        writer.WriteString("tool_call_id", result.CallId);
        switch (result.Result)
        {
            case null:
                writer.WriteString("content", "");
                break;
            case string text:
                writer.WriteString("content", text);
                break;
            case JsonElement { ValueKind: JsonValueKind.Array } parts:
                writer.WritePropertyName("content");
                parts.WriteTo(writer);
                break;
            default:
                writer.WriteString("content", JsonSerializer.Serialize(result.Result, AnyJson.TypeOf(result.Result.GetType())));
                break;
        }

        writer.WriteEndObject();
    }
}
