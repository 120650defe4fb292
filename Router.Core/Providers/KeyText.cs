using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Router.Core.Providers;

/// <summary>
/// What an API key looks like, whoever brings it: a caller, a person at the Studio, the operator's environment. A key is one word of
/// printable ASCII; what people paste around it is named, so that they know what to take away. Nothing of the text is quoted.
/// </summary>
public static partial class KeyText
{
    private const int Longest = 4 * 1024;

    private const string Quotes = "\"'`\u2018\u2019\u201A\u201C\u201D\u201E\u00AB\u00BB\u2039\u203A\u2033";

    private static readonly SearchValues<char> Printable = SearchValues.Create(string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(character => (char)character)));

    /// <summary>Whether a header can carry it: no other text may become a <see cref="Keys.Secret"/> that is sent.</summary>
    public static bool IsSendable(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Printable);

    /// <summary>The rest of a sentence that begins with the name of the field or setting; null for what may be a key.</summary>
    /// <param name="text">Without the white space around it, which is nobody's trouble.</param>
    public static string? Problem(string text) => text switch
    {
        "" => "is empty: paste the provider's API key",
        { Length: > Longest } => $"is longer than {Longest} characters",
        _ when Assignment().IsMatch(text) => "holds a name and an equals sign before the key: paste the key alone",
        _ when HeaderWord().IsMatch(text) => "begins with a header's words, such as 'Bearer': paste the key alone",
        _ when Quotes.Contains(text[0], StringComparison.Ordinal) || Quotes.Contains(text[^1], StringComparison.Ordinal) => "stands in quotation marks: paste the key alone",
        _ when text[0] is '{' or '[' => "is JSON: paste the key alone, and a service account's key file as 'service_account' where the provider takes one",
        _ when Placeholder().IsMatch(text) => "is a placeholder that nothing was put in place of",
        _ when Place().IsMatch(text) => "is an address or the path of a file: paste the key itself",
        _ when text[^1] is ',' or ';' => "ends with a comma or a semicolon: paste the key alone",
        _ when text.Contains(',', StringComparison.Ordinal) || text.Contains(';', StringComparison.Ordinal) => "holds a comma or a semicolon, as several keys in a row do: paste one key",
        _ when text.Contains("\\n", StringComparison.Ordinal) || text.Contains("\\r", StringComparison.Ordinal) => "holds a line break that is spelt out: paste the key alone",
        _ when RouterKey().IsMatch(text) => "is a key of this router: paste the provider's API key",
        _ when IsEncodedAccount(text) => "is a service account in base64: decode it, and give it as 'service_account' where the provider takes one",
        _ when text.Contains("***", StringComparison.Ordinal) || text.Contains("...", StringComparison.Ordinal) || text.Contains('\u2026', StringComparison.Ordinal) =>
            "is the shortened form that pages show of a key: copy the whole key, or make a new one",
        _ => Character(text),
    };

    private static bool IsEncodedAccount(string text)
    {
        Span<byte> decoded = stackalloc byte[Longest];
        // What begins with a brace, with space or a line behind it or none.
        return text.StartsWith('e') && Convert.TryFromBase64String(text, decoded, out int length)
            && decoded[..length].IndexOf("\"private_key\""u8) >= 0;
    }

    private static string? Character(string text)
    {
        if (text.Any(char.IsControl))
        {
            return "holds a line break or another control character: copy the key again, alone";
        }

        foreach (char character in text)
        {
            if (character is >= '!' and <= '~')
            {
                continue;
            }

            return char.IsWhiteSpace(character) ? "holds a space: copy the key again, alone"
                : character == '\u2212' || char.GetUnicodeCategory(character) == UnicodeCategory.DashPunctuation
                    ? "holds a dash that is not the plain hyphen, as word processors put in its place: copy the key again from the provider's page"
                : char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark ? "holds an invisible character: copy the key again, alone"
                : "holds a character no API key has: copy the key again, alone";
        }

        return null;
    }

    /// <summary><c>OPENAI_API_KEY=…</c>, <c>export …</c>, <c>$env:…</c>, <c>apiKey = "…"</c>. The padding at the end of base64 is none.</summary>
    [GeneratedRegex(@"^(?:export\s+|set\s+|\$env:)?-{0,2}(?:[A-Za-z0-9_-]*(?:key|token|secret|credentials?)[A-Za-z0-9_-]*|(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))\s*=\s*[^=\s]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^(?:[A-Za-z-]*(?:authorization|api-key)\s*:|(?:bearer|basic|token)[\s:])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HeaderWord();

    [GeneratedRegex(@"^(?:<.*>|\$[\{\(]?[A-Za-z_]\w*[\}\)]?|%\w+%|\{\{.*\}\})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^(?:[A-Za-z][A-Za-z0-9+.-]*://|~/|\.{1,2}/|[A-Za-z]:\\)|\.(?:json|txt|pem|env)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Place();

    [GeneratedRegex(@"^rk_[A-Za-z0-9]+_[A-Za-z0-9]{16,}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RouterKey();
}
