namespace Router.Core.Keys;

/// <summary>
/// A text's ASCII letters, in lower case, and digits, each with its place; fullwidth, circled and mathematical ones count as what they
/// look like. The tables are here, as the runtime normalizes only where the machine has ICU.
/// </summary>
internal readonly ref struct Letters
{
    /// <summary>Room for that many characters may stand on the stack.</summary>
    public const int Small = 256;

    private readonly ReadOnlySpan<byte> _letters;
    private readonly ReadOnlySpan<int> _places;

    private Letters(ReadOnlySpan<byte> letters, ReadOnlySpan<int> places)
    {
        _letters = letters;
        _places = places;
    }

    public int Count => _letters.Length;

    public byte this[int index] => _letters[index];

    /// <param name="letters">As long as the text.</param>
    /// <param name="places">As long as the text.</param>
    public static Letters Of(ReadOnlySpan<char> text, Span<byte> letters, Span<int> places)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i] < 0x80 ? text[i] : Plain(text[i], i + 1 < text.Length ? text[i + 1] : default);
            if (char.IsAsciiLetterOrDigit(c))
            {
                letters[count] = (byte)(c is >= 'A' and <= 'Z' ? c | 0x20 : c);
                places[count++] = i;
            }
        }

        return new Letters(letters[..count], places[..count]);
    }

    /// <summary>The ASCII character that one of another alphabet shows; anything else for none.</summary>
    private static char Plain(char c, char next) => c switch
    {
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        >= '\u24B6' and <= '\u24CF' => (char)('A' + c - '\u24B6'),
        >= '\u24D0' and <= '\u24E9' => (char)('a' + c - '\u24D0'),
        // Mathematical alphabets: thirteen of capital and small letters each, and far behind them five of digits.
        '\uD835' when char.IsLowSurrogate(next) => Mathematical(char.ConvertToUtf32(c, next)),
        _ => c,
    };

    private static char Mathematical(int code) =>
        code < 0x1D6A4 ? (char)(((code - 0x1D400) % 52) is < 26 and var capital ? 'A' + capital : 'a' + ((code - 0x1D400) % 52) - 26)
        : code >= 0x1D7CE ? (char)('0' + ((code - 0x1D7CE) % 10))
        : '\0';

    /// <summary>The same from the end to the beginning; its places mean nothing.</summary>
    public Letters Backwards(Span<byte> letters)
    {
        _letters.CopyTo(letters);
        letters = letters[.._letters.Length];
        letters.Reverse();
        return new Letters(letters, _places);
    }

    /// <summary>The same with each letter replaced by the one thirteen places on.</summary>
    public Letters Shifted(Span<byte> letters)
    {
        for (int i = 0; i < _letters.Length; i++)
        {
            letters[i] = _letters[i] is >= (byte)'a' and <= (byte)'z' ? (byte)('a' + ((_letters[i] - 'a' + 13) % 26)) : _letters[i];
        }

        return new Letters(letters[.._letters.Length], _places);
    }

    /// <summary>The first letter at or after a place of the text.</summary>
    public int IndexFrom(int place)
    {
        int index = _places.BinarySearch(place);
        return index < 0 ? ~index : index;
    }

    /// <summary>The part of the text from one letter to another.</summary>
    public Range Range(int first, int last) => _places[first]..(_places[last] + 1);
}
