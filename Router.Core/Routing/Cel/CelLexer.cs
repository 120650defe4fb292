using System.Globalization;

namespace Router.Core.Routing.Cel;

/// <summary>Cuts the text into tokens.</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] Symbols = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(", ")", "[", "]", "{", "}", ",", "."];

    private int _at;

    /// <exception cref="CelException">No token begins here, or one does not end.</exception>
    public CelToken Next()
    {
        SkipBlanks();
        var start = _at;
        if (_at == text.Length)
            return new(CelTokenKind.End, start, "");
        var first = text[_at];
        if (char.IsAsciiDigit(first) || (first == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
            return new(CelTokenKind.Literal, start, "", Number());
        if (CelStringLexer.Begins(text, _at))
        {
            var (value, end) = CelStringLexer.Read(text, _at);
            _at = end;
            return new(CelTokenKind.Literal, start, "", value);
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
                _at++;
            return new(CelTokenKind.Identifier, start, text[start.._at]);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) == 0)
            {
                _at += symbol.Length;
                return new(CelTokenKind.Symbol, start, symbol);
            }
        }

        throw new CelException("There is a character the language does not have", start);
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (text[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
                _at++;
            else if (string.CompareOrdinal(text, _at, "//", 0, 2) == 0)
                _at = text.IndexOf('\n', _at) is >= 0 and var end ? end : text.Length;
            else
                return;
        }
    }

    private CelValue Number()
    {
        var start = _at;
        if (string.CompareOrdinal(text, _at, "0x", 0, 2) == 0 || string.CompareOrdinal(text, _at, "0X", 0, 2) == 0)
        {
            _at += 2;
            while (_at < text.Length && char.IsAsciiHexDigit(text[_at]))
                _at++;
            return Whole(text.AsSpan(start + 2, _at - start - 2), NumberStyles.AllowHexSpecifier, start);
        }

        Digits();
        var isWhole = true;
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            isWhole = false;
            _at++;
            Digits();
        }

        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            var sign = _at + 1 < text.Length && text[_at + 1] is '+' or '-' ? 2 : 1;
            if (_at + sign < text.Length && char.IsAsciiDigit(text[_at + sign]))
            {
                isWhole = false;
                _at += sign;
                Digits();
            }
        }

        return isWhole
            ? Whole(text.AsSpan(start, _at - start), NumberStyles.None, start)
            : new CelDouble(double.Parse(text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    private void Digits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
    }

    private CelValue Whole(ReadOnlySpan<char> digits, NumberStyles style, int start)
    {
        if (!ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var value))
            throw new CelException("There is a number that does not fit 64 bits", start);
        if (_at < text.Length && text[_at] is 'u' or 'U')
        {
            _at++;
            return new CelUInt(value);
        }

        return value <= long.MaxValue ? new CelInt((long)value)
            : value == 1UL << 63 ? CelParser.LeastIntUnsigned
            : throw new CelException("There is a number that does not fit 64 bits", start);
    }
}
