using System.Globalization;
using System.Text;

namespace Router.Core.Routing.Cel;

/// <summary>Reads string and bytes literals: either quote, tripled quotes, <c>r</c> for raw, <c>b</c> for bytes.</summary>
internal static class CelStringLexer
{
    public static bool Begins(string text, int at)
    {
        for (var i = at; i < text.Length && i < at + 3; i++)
        {
            if (text[i] is '"' or '\'')
                return true;
            if (text[i] is not ('r' or 'R' or 'b' or 'B'))
                return false;
        }

        return false;
    }

    public static (CelValue Value, int End) Read(string text, int start)
    {
        var (at, raw, bytes) = (start, false, false);
        for (; text[at] is not ('"' or '\''); at++)
        {
            var isRaw = text[at] is 'r' or 'R';
            if (isRaw ? raw : bytes)
                throw new CelException("A string has its prefix twice", start);
            (raw, bytes) = (raw || isRaw, bytes || !isRaw);
        }

        var quote = text[at];
        var tripled = at + 2 < text.Length && text[at + 1] == quote && text[at + 2] == quote;
        var closing = new string(quote, tripled ? 3 : 1);
        at += closing.Length;
        var content = new Content(bytes);
        while (true)
        {
            if (at >= text.Length || (!tripled && text[at] is '\n' or '\r'))
                throw new CelException("There is a string without its end", start);
            if (string.CompareOrdinal(text, at, closing, 0, closing.Length) == 0)
                return (content.ToValue(), at + closing.Length);
            at = text[at] == '\\' && !raw ? Escape(text, at, content) : content.Add(text, at);
        }
    }

    /// <returns>Where the text goes on.</returns>
    private static int Escape(string text, int at, Content content)
    {
        var kind = at + 1 < text.Length ? text[at + 1] : '\0';
        if (kind is 'x' or 'X')
            return Number(text, at, 2, 2, 16, content);
        if (kind == 'u')
            return Number(text, at, 2, 4, 16, content);
        if (kind == 'U')
            return Number(text, at, 2, 8, 16, content);
        if (kind is >= '0' and <= '3')
            return Number(text, at, 1, 3, 8, content);
        content.Add(kind switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' or '?' or '"' or '\'' or '`' => kind,
            _ => throw new CelException("There is an escape the language does not have", at),
        });
        return at + 2;
    }

    private static int Number(string text, int at, int skip, int length, int radix, Content content)
    {
        var end = at + skip + length;
        var value = 0L;
        for (var i = at + skip; i < end; i++)
        {
            var digit = i < text.Length && char.IsAsciiHexDigit(text[i]) ? int.Parse(text.AsSpan(i, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : radix;
            if (digit >= radix)
                throw new CelException("There is an escape without its digits", at);
            value = (value * radix) + digit;
        }

        // In bytes \x and octal escapes stand for a byte; everywhere else a number stands for a code point.
        if (content.IsBytes && text[at + 1] is not ('u' or 'U'))
        {
            content.AddByte((byte)value);
            return end;
        }

        if (!Rune.IsValid((int)value))
            throw new CelException("There is an escape that is no Unicode character", at);
        content.Add(new Rune((int)value));
        return end;
    }

    private sealed class Content(bool isBytes)
    {
        private readonly StringBuilder _text = new();
        private readonly List<byte> _bytes = [];

        public bool IsBytes => isBytes;

        public void Add(char character) => Add(new Rune(character));

        public void Add(Rune rune)
        {
            Span<byte> utf8 = stackalloc byte[4];
            if (isBytes)
                _bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            else
                _text.Append(rune.ToString());
        }

        public void AddByte(byte value) => _bytes.Add(value);

        /// <summary>One character as it stands there.</summary>
        public int Add(string text, int at)
        {
            if (!Rune.TryGetRuneAt(text, at, out var rune))
                throw new CelException("There is half a character", at);
            Add(rune);
            return at + rune.Utf16SequenceLength;
        }

        public CelValue ToValue() => isBytes ? new CelBytes([.. _bytes]) : new CelString(_text.ToString());
    }
}
