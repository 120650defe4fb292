using System.Text.Json;

namespace Router.Api.Dialects.OpenAI;

/// <summary>Checks the shape of <c>messages</c> without parsing their contents.</summary>
internal static class MessagesReader
{
    /// <summary>The array's bytes: at least one message, each an object that says its role.</summary>
    public static ReadOnlyMemory<byte> Check(RequestMembers members)
    {
        if (members.Find("messages") is not { } messages)
        {
            throw ChatRequestReader.Invalid("messages", "is required");
        }

        if (messages.Kind != JsonTokenType.StartArray)
        {
            throw ChatRequestReader.Invalid("messages", "must be a list");
        }

        var reader = new Utf8JsonReader(messages.Json.Span, new JsonReaderOptions { MaxDepth = 128 });
        reader.Read();
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw ChatRequestReader.Invalid($"messages[{count}]", "must be an object");
            }

            if (!HasRole(ref reader))
            {
                throw ChatRequestReader.Invalid($"messages[{count}].role", "is required and must be a string");
            }

            count++;
        }

        return count > 0 ? messages.Json : throw ChatRequestReader.Invalid("messages", "must not be empty");
    }

    private static bool HasRole(ref Utf8JsonReader reader)
    {
        bool found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool role = reader.ValueTextEquals("role"u8);
            reader.Read();
            found |= role && reader.TokenType == JsonTokenType.String;
            reader.Skip();
        }

        return found;
    }
}
