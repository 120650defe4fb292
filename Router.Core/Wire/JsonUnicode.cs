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

    /// <summary>
    /// The text with U+FFFD in place of each half of a character, escape for escape, so that all of it can be read as text. The very same where
    /// there is none, as nearly always.
    /// </summary>
    public static ReadOnlyMemory<byte> Mend(ReadOnlyMemory<byte> text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text.Span))
        {
            // Bytes that are no character stand for one that is not known.
            text = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(text.Span));
        }

        if (!MayHoldHalf(text.Span))
        {
            return text;
        }

        byte[]? mended = null;
        ReadOnlySpan<byte> span = text.Span;
        for (int i = 0; i < span.Length; i++)
        {
            if (span[i] != '\\')
            {
                continue;
            }

            int unit = Unit(span[i..]);
            if (unit is < 0xD800 or > 0xDFFF)
            {
                // Over the escaped character, which may be a backslash itself.
                i++;
            }
            else if (unit < 0xDC00 && Unit(span[Math.Min(i + 6, span.Length)..]) is >= 0xDC00 and <= 0xDFFF)
            {
                i += 11;
            }
            else
            {
                "\\ufffd"u8.CopyTo((mended ??= text.ToArray()).AsSpan(i));
                i += 5;
            }
        }

        return mended ?? text;
    }

    /// <summary>What <c>\uXXXX</c> at the beginning stands for; -1 where there is none.</summary>
    private static int Unit(ReadOnlySpan<byte> text) =>
        text is [(byte)'\\', (byte)'u', _, _, _, _, ..] && int.TryParse(text[2..6], System.Globalization.NumberStyles.AllowHexSpecifier, null, out int unit) ? unit : -1;

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
