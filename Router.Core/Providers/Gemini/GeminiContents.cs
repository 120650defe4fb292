using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Writes <c>systemInstruction</c> and <c>contents</c>. Order is kept; roles become <c>user</c> and <c>model</c>; the results
/// of one round of calls stand in one content, in the order of the calls.
/// </summary>
internal sealed class GeminiContents(GeminiScope scope)
{
    private readonly GeminiCalls _calls = new(scope);
    private readonly GeminiMedia _media = new(scope);

    public void Write(Utf8JsonWriter writer, IReadOnlyList<ChatMessage> messages, string? instructions)
    {
        int start = 0;
        while (start < messages.Count && IsSystem(messages[start]))
        {
            start++;
        }

        if (start == messages.Count && start > 0)
        {
            // Something must be said to the model for it to answer.
            start--;
        }

        WriteSystem(writer, instructions, messages, start);
        writer.WriteStartArray("contents");
        for (int i = start; i < messages.Count; i++)
        {
            if (IsToolResult(messages[i]))
            {
                int end = i + 1;
                while (end < messages.Count && IsToolResult(messages[end]))
                {
                    end++;
                }

                GeminiPart.WriteContent(writer, "user", _calls.Results(messages.Skip(i).Take(end - i)));
                i = end - 1;
            }
            else
            {
                WriteMessage(writer, messages[i]);
            }
        }

        writer.WriteEndArray();
    }

    /// <param name="count">How many of the messages stand there.</param>
    private void WriteSystem(Utf8JsonWriter writer, string? instructions, IReadOnlyList<ChatMessage> messages, int count)
    {
        List<GeminiPart> parts = [];
        if (!string.IsNullOrEmpty(instructions))
        {
            parts.Add(GeminiPart.OfText(instructions));
        }

        for (int i = 0; i < count; i++)
        {
            ReportName(messages[i]);
            parts.AddRange(Parts(messages[i]));
        }

        if (parts.Count > 0)
        {
            writer.WritePropertyName("systemInstruction");
            GeminiPart.WriteContent(writer, null, parts);
        }
    }

    private void WriteMessage(Utf8JsonWriter writer, ChatMessage message)
    {
        ReportName(message);
        if (IsSystem(message))
        {
            scope.Losses.Report("messages", "holds a system message after the beginning, which is sent as a user message");
        }

        GeminiPart.WriteContent(writer, message.Role == ChatRole.Assistant ? "model" : "user", Parts(message));
    }

    private List<GeminiPart> Parts(ChatMessage message)
    {
        List<GeminiPart> parts = [];
        bool model = message.Role == ChatRole.Assistant;
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent { Text.Length: > 0 } text:
                    parts.Add(GeminiPart.OfText(text.Text, GeminiCalls.Signature(text)));
                    break;
                case TextContent:
                    break;
                case TextReasoningContent { Text.Length: > 0 } thought when model:
                    parts.Add(GeminiPart.OfText(thought.Text, GeminiCalls.Signature(thought), thought: true));
                    break;
                case TextReasoningContent signature:
                    // A signature without words belongs to the part before it.
                    Sign(parts, GeminiCalls.Signature(signature));
                    break;
                case ErrorContent { Message.Length: > 0 } refusal:
                    parts.Add(GeminiPart.OfText(refusal.Message));
                    break;
                case FunctionCallContent call:
                    parts.Add(_calls.Call(call));
                    break;
                case FunctionResultContent result:
                    parts.Add(_calls.Result(result, message.AuthorName));
                    break;
                default:
                    if (_media.Part(content) is { } media)
                    {
                        parts.Add(media);
                    }

                    break;
            }
        }

        if (model)
        {
            _calls.SignForeign(parts);
        }

        return parts;
    }

    private static void Sign(List<GeminiPart> parts, string? signature)
    {
        if (signature is not null && parts is [.., { Signature: null, IsCall: false } last])
        {
            last.Signature = signature;
        }
    }

    private void ReportName(ChatMessage message)
    {
        if (message.AuthorName is not null && !IsToolResult(message))
        {
            scope.Losses.Report("messages.name", "has no equivalent and is left out");
        }
    }

    private static bool IsSystem(ChatMessage message) => message.Role == ChatRole.System || message.Role.Value == "developer";

    private static bool IsToolResult(ChatMessage message) => message.Role == ChatRole.Tool;
}
