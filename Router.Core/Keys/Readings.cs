using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Router.Core.Keys;

/// <summary>
/// What a text says to who decodes it: escapes of JSON, of addresses, of HTML; base64 of both alphabets, hexadecimal, at any place and
/// within one another. Costs no memory where there is nothing to decode.
/// </summary>
internal static class Readings
{
    /// <summary>Encodings within encodings; deeper is nobody's error text.</summary>
    private const int Deepest = 4;

    /// <summary>Characters of all readings together; a text that wants more is made to be hard to read.</summary>
    private const int Most = 1 << 15;

    /// <summary>Decoded bytes are a text where so many in a row are printable: a piece of a key and no less.</summary>
    private const int Printable = KeyTrace.Piece - 2;

    /// <summary>As <see cref="Printable"/>, for pieces that are to be put together; once decoded they are not decoded again, as too much would be taken for text.</summary>
    private const int PrintablePiece = KeyTrace.Crumb;

    private static readonly SearchValues<char> Base64Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");

    /// <returns>The readings beside the text itself; null where there is none.</returns>
    /// <param name="tooMany">True when there are more than can be looked at.</param>
    public static List<string>? Of(string text, out bool tooMany)
    {
        List<string>? readings = null;
        Decode(text, Printable, ref readings);
        int length = 0;
        int first = 0;
        for (int depth = 1; depth < Deepest; depth++)
        {
            int end = readings?.Count ?? 0;
            for (; first < end && length <= Most; first++)
            {
                string reading = readings![first];
                length += reading.Length;
                Decode(reading, Printable, ref readings);
            }
        }

        tooMany = length > Most;
        return readings;
    }

    /// <summary>The text, and what of it may be small pieces of a key, decoded.</summary>
    public static IEnumerable<string> OfPieces(string text)
    {
        List<string>? readings = Of(text, out _);
        Decode(text, PrintablePiece, ref readings);
        return (readings ?? []).Prepend(text);
    }

    private static void Decode(string text, int least, ref List<string>? readings)
    {
        Unescape(text, ref readings);
        Base64(text, least, ref readings);
        if (text.AsSpan().ContainsAny(" \t\r\n"))
        {
            // Long base64 is written in lines.
            Base64(string.Concat(text.Where(c => !char.IsWhiteSpace(c))), least, ref readings);
        }

        Hex(text, least, ref readings);
    }

    private static void Unescape(string text, ref List<string>? readings)
    {
        if (!text.AsSpan().ContainsAny('%', '\\', '&'))
        {
            return;
        }

        var plain = new StringBuilder(text.Length);
        bool changed = false;
        for (int i = 0; i < text.Length;)
        {
            (int code, int length) = Escape(text.AsSpan(i));
            changed |= length > 0;
            plain.Append(length > 0 ? (char)code : text[i]);
            i += Math.Max(length, 1);
        }

        if (changed)
        {
            (readings ??= []).Add(plain.ToString());
        }
    }

    /// <summary>The escape a text begins with: <c>%73</c>, <c>%u0073</c>, <c>\u0073</c>, <c>\x73</c>, <c>&amp;#115;</c>, <c>&amp;#x73;</c>; a backslash before anything else is left out.</summary>
    private static (int Code, int Length) Escape(ReadOnlySpan<char> text)
    {
        int end;
        switch (text)
        {
            case ['%' or '\\', 'u' or 'U', _, _, _, _, ..] when Number(text[2..6], NumberStyles.AllowHexSpecifier, out int unit):
                return (unit, 6);
            case ['\\', 'x' or 'X', _, _, ..] when Number(text[2..4], NumberStyles.AllowHexSpecifier, out int hex):
                return (hex, 4);
            case ['%', _, _, ..] when Number(text[1..3], NumberStyles.AllowHexSpecifier, out int percent):
                return (percent, 3);
            case ['&', '#', 'x' or 'X', ..] when (end = text[..Math.Min(text.Length, 12)].IndexOf(';')) > 3 && Number(text[3..end], NumberStyles.AllowHexSpecifier, out int entity):
                return (entity, end + 1);
            case ['&', '#', ..] when (end = text[..Math.Min(text.Length, 12)].IndexOf(';')) > 2 && Number(text[2..end], NumberStyles.None, out int number):
                return (number, end + 1);
            case ['\\', '\\' or '/' or '"' or '\'', ..]:
                return (text[1], 2);
            default:
                return default;
        }
    }

    private static bool Number(ReadOnlySpan<char> digits, NumberStyles style, out int code) =>
        int.TryParse(digits, style, CultureInfo.InvariantCulture, out code) && code is >= 0 and <= char.MaxValue;

    private static void Base64(string text, int least, ref List<string>? readings)
    {
        ReadOnlySpan<char> rest = text;
        while (true)
        {
            int start = rest.IndexOfAny(Base64Characters);
            if (start < 0)
            {
                return;
            }

            rest = rest[start..];
            int length = rest.IndexOfAnyExcept(Base64Characters);
            ReadOnlySpan<char> run = length < 0 ? rest : rest[..length];
            if (run.Length >= least * 4 / 3)
            {
                DecodeBase64(run, least, ref readings);
            }

            rest = rest[run.Length..];
        }
    }

    /// <summary>What stands before it may be of the same letters, so each of four places may be the beginning.</summary>
    private static void DecodeBase64(ReadOnlySpan<char> run, int least, ref List<string>? readings)
    {
        byte[]? rented = run.Length > Letters.Small ? ArrayPool<byte>.Shared.Rent(run.Length * 2) : null;
        Span<byte> room = rented ?? stackalloc byte[Letters.Small * 2];
        Span<byte> encoded = room[..run.Length];
        for (int i = 0; i < run.Length; i++)
        {
            encoded[i] = (byte)(run[i] switch { '+' => '-', '/' => '_', var c => c });
        }

        Span<byte> tail = stackalloc byte[4];
        for (int offset = 0; offset < 4 && offset < run.Length; offset++)
        {
            ReadOnlySpan<byte> part = encoded[offset..];
            // One letter over says nothing; neither does what its last bits would be.
            part = part.Length % 4 == 1 ? part[..^1] : part;
            Span<byte> decoded = room[run.Length..];
            ReadOnlySpan<byte> whole = part[..(part.Length / 4 * 4)];
            Base64Url.DecodeFromUtf8(whole, decoded, out _, out int written);
            if (part.Length > whole.Length)
            {
                tail.Fill((byte)'A');
                part[whole.Length..].CopyTo(tail);
                Base64Url.DecodeFromUtf8(tail, decoded[written..], out _, out _);
                written += part.Length - whole.Length - 1;
            }

            Keep(decoded[..written], least, ref readings);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Whatever stands between the digits, such as in <c>73:6b</c>.</summary>
    private static void Hex(string text, int least, ref List<string>? readings)
    {
        byte[]? rented = text.Length > Letters.Small ? ArrayPool<byte>.Shared.Rent(text.Length * 2) : null;
        Span<byte> room = rented ?? stackalloc byte[Letters.Small * 2];
        Span<byte> digits = room[..text.Length];
        int count = 0;
        foreach (char c in text)
        {
            if (char.IsAsciiHexDigit(c))
            {
                digits[count++] = (byte)c;
            }
            else if (c is 'x' or 'X' && count > 0 && digits[count - 1] == '0')
            {
                // 0x73, 0x6b: the mark of a number, not a digit of it.
                count--;
            }
            else if (char.IsAsciiLetter(c))
            {
                DecodeHex(digits[..count], room[text.Length..], least, ref readings);
                count = 0;
            }
        }

        DecodeHex(digits[..count], room[text.Length..], least, ref readings);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static void DecodeHex(ReadOnlySpan<byte> digits, Span<byte> room, int least, ref List<string>? readings)
    {
        for (int offset = 0; offset < 2 && digits.Length - offset >= least * 2; offset++)
        {
            ReadOnlySpan<byte> part = digits[offset..];
            Convert.FromHexString(part[..(part.Length / 2 * 2)], room, out _, out int written);
            Keep(room[..written], least, ref readings);
        }
    }

    private static void Keep(ReadOnlySpan<byte> decoded, int least, ref List<string>? readings)
    {
        int run = 0;
        bool isText = false;
        foreach (byte b in decoded)
        {
            // UTF-16 has a zero between letters.
            run = b is >= 0x20 and <= 0x7E ? run + 1 : b == 0 ? run : 0;
            isText |= run >= least;
        }

        if (isText)
        {
            (readings ??= []).Add(string.Create(decoded.Length, decoded, static (span, from) =>
            {
                for (int i = 0; i < span.Length; i++)
                {
                    span[i] = (char)from[i];
                }
            }));
        }
    }
}
