using System.Text.Json;

namespace Router.Core.Wire;

/// <summary>
/// JSON's grammar allows an escaped half of a surrogate pair; no text has one, and reading it as text fails. Requests with
/// one are refused up front. Providers' answers are not checked: some split a character over two chunks, and pass as bytes.
/// </summary>
public static class JsonUnicode
{
    /// <exception cref="JsonObjectException">A string holds half a character.</exception>
    public static void Check(ReadOnlySpan<byte> text) => Check(text, 0..0);

    /// <param name="plain">Where the text is known to hold no escape.</param>
    /// <exception cref="JsonObjectException">A string holds half a character.</exception>
    public static void Check(ReadOnlySpan<byte> text, Range plain)
    {
        if (MayHoldHalf(text[..plain.Start]) || MayHoldHalf(text[plain.End..]))
        {
            ReadAll(text);
        }
    }

    private static bool MayHoldHalf(ReadOnlySpan<byte> text)
    {
        // One byte is found much faster than two, and most texts have neither.
        int escape = text.IndexOf((byte)'\\');
        return escape >= 0 && (text[escape..].IndexOf("\\ud"u8) >= 0 || text[escape..].IndexOf("\\uD"u8) >= 0);
    }

    private static void ReadAll(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, JsonDepth.Reader);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            throw new JsonObjectException("A string holds half of a surrogate pair, which is no character.", null);
        }
        catch (JsonException)
        {
            // Malformed text is the parser's to refuse, with its position.
        }
    }
}
