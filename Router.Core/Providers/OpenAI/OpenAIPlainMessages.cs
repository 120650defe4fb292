using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Reads messages in one pass where all of them are what most are: a role, a text, perhaps a name. Whatever is not so is left to a reader
/// of documents.
/// </summary>
internal static class OpenAIPlainMessages
{
    /// <returns>Null where one of them says anything else. Each keeps its part of the array as its raw representation.</returns>
    public static List<ChatMessage>? TryRead(ReadOnlyMemory<byte> array)
    {
        var reader = new Utf8JsonReader(array.Span, JsonDepth.Reader);
        List<ChatMessage> messages = [];
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (TryReadMessage(array, ref reader) is not { } message)
                {
                    return null;
                }

                messages.Add(message);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a character, or no JSON at all.
            return null;
        }

        return messages;
    }

    private static ChatMessage? TryReadMessage(ReadOnlyMemory<byte> array, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        int start = checked((int)reader.TokenStartIndex);
        ChatRole? role = null;
        (string? text, string? name) = (null, null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = JsonReading.Is(ref reader, "content"u8);
            bool isRole = JsonReading.Is(ref reader, "role"u8);
            if ((!isText && !isRole && !JsonReading.Is(ref reader, "name"u8)) || !reader.Read() || reader.TokenType != JsonTokenType.String)
            {
                return null;
            }

            // What is said twice is for others to choose from.
            if ((isText ? text : isRole ? role?.Value : name) is not null)
            {
                return null;
            }

            if (isText)
            {
                text = reader.GetString();
            }
            else if (isRole)
            {
                role = Role(ref reader);
            }
            else
            {
                name = reader.GetString();
            }
        }

        if (text is null || role is not { } known || known == ChatRole.Tool)
        {
            return null;
        }

        List<AIContent> contents = text.Length > 0 ? [new TextContent(text)] : [];
        return new ChatMessage(known, contents)
        {
            AuthorName = name,
            RawRepresentation = new OpenAIRawJson(array[start..checked((int)reader.BytesConsumed)]),
        };
    }

    private static ChatRole Role(ref Utf8JsonReader reader) =>
        JsonReading.Is(ref reader, "user"u8) ? ChatRole.User
        : JsonReading.Is(ref reader, "assistant"u8) ? ChatRole.Assistant
        : JsonReading.Is(ref reader, "system"u8) ? ChatRole.System
        : reader.GetString() is { } role && !string.IsNullOrWhiteSpace(role) ? new ChatRole(role)
        : throw new RouterException(RouterError.InvalidRequest("A message's role is blank.", "messages"));
}
