using System.Text.Json;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>What there is to know of a request's <c>messages</c> before anybody reads what they say; found in one pass over them.</summary>
internal struct MessagesShape
{
    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The first that is not what a message must be; null when all are.</summary>
    public (int Index, bool IsObject)? Fault { get; private set; }

    public MessageMarks Marks { get; private set; }

    /// <summary>Whether a text or a name within has an escape.</summary>
    public bool Escapes { get; private set; }

    public static MessagesShape Of(ReadOnlySpan<byte> array)
    {
        var reader = new Utf8JsonReader(array, JsonDepth.Reader);
        reader.Read();
        return Read(ref reader);
    }

    /// <summary>Reads the array that the reader has entered, to its end.</summary>
    public static MessagesShape Read(ref Utf8JsonReader reader)
    {
        var shape = new MessagesShape();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                shape.Pass(ref reader);
                shape.Fault ??= (shape.Count, false);
            }
            else if (!shape.ReadMessage(ref reader))
            {
                shape.Fault ??= (shape.Count, true);
            }

            shape.Count++;
        }

        return shape;
    }

    /// <returns>Whether it says its role.</returns>
    private bool ReadMessage(ref Utf8JsonReader reader)
    {
        bool hasRole = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Escapes |= reader.ValueIsEscaped;
            bool role = reader.ValueTextEquals("role"u8);
            Marks |= role ? MessageMarks.None : MarkOf(ref reader);
            reader.Read();
            if (role && reader.TokenType == JsonTokenType.String)
            {
                hasRole = true;
                Marks |= reader.ValueTextEquals("developer"u8) ? MessageMarks.Developer : MessageMarks.None;
            }

            Pass(ref reader);
        }

        return hasRole;
    }

    private static MessageMarks MarkOf(ref Utf8JsonReader name) =>
        name.ValueTextEquals("reasoning"u8) || name.ValueTextEquals("reasoning_content"u8) || name.ValueTextEquals("thinking_blocks"u8) ? MessageMarks.Reasoning
        : name.ValueTextEquals("tool_calls"u8) || name.ValueTextEquals("tool_call_id"u8) ? MessageMarks.ToolCalls
        : MessageMarks.None;

    /// <summary>Reads the value at whose first token the reader stands, to its last.</summary>
    private void Pass(ref Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        do
        {
            Escapes |= reader.ValueIsEscaped;
        }
        while ((reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || reader.CurrentDepth > depth) && reader.Read());
    }
}

/// <summary>Reads a body's messages while the body is read: they are most of it.</summary>
internal struct ChatBodyReader : IValueReader
{
    /// <summary>Null where the body has no list of messages.</summary>
    public MessagesShape? Messages { get; private set; }

    public bool Read(string name, ref Utf8JsonReader reader)
    {
        if (name != "messages" || reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        Messages = MessagesShape.Read(ref reader);
        return true;
    }
}
