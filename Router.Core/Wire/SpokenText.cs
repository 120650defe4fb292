using System.Text;
using System.Text.Json;

namespace Router.Core.Wire;

/// <summary>How long texts in JSON are, in characters as .NET counts them, found without decoding them.</summary>
internal static class SpokenText
{
    /// <summary>
    /// Reads the value the reader stands at, to its last token. A string counts whole; of what holds more, the strings that are a text, a
    /// name or arguments: ids, kinds and signatures are no words of the model.
    /// </summary>
    public static int Length(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return OfString(ref reader);
        }

        int length = 0;
        int depth = reader.CurrentDepth;
        bool counts = true;
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return 0;
        }

        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                counts = IsText(ref reader);
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                length += counts ? OfString(ref reader) : 0;
            }
        }

        return length;
    }

    public static int OfString(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> raw = reader.ValueSpan;
        return reader.ValueIsEscaped ? OfEscaped(raw) : Encoding.UTF8.GetCharCount(raw);
    }

    private static bool IsText(ref Utf8JsonReader name) =>
        JsonReading.Is(ref name, "arguments"u8) || JsonReading.Is(ref name, "name"u8) || JsonReading.Is(ref name, "text"u8) || JsonReading.Is(ref name, "thinking"u8) || JsonReading.Is(ref name, "input"u8);

    private static int OfEscaped(ReadOnlySpan<byte> raw)
    {
        int length = 0;
        for (int at = raw.IndexOf((byte)'\\'); at >= 0; at = raw.IndexOf((byte)'\\'))
        {
            length += Encoding.UTF8.GetCharCount(raw[..at]) + 1;
            raw = raw[(at + (raw[at + 1] == 'u' ? 6 : 2))..];
        }

        return length + Encoding.UTF8.GetCharCount(raw);
    }
}
