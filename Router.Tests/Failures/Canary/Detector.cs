using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Router.Tests.Failures.Canary;

/// <summary>Finds a planted key, or ten letters of it in a row (eight in hexadecimal), in what left the process, in every form it could have been planted in.</summary>
internal sealed partial class Detector
{
    private const int Piece = 10;
    private const int HexPiece = 16;

    private readonly HashSet<string> _pieces = new(StringComparer.Ordinal);

    /// <param name="cores">The random part of each key.</param>
    public Detector(params string[] cores)
    {
        foreach (string core in cores)
        {
            Add(core);
            Add(string.Concat(core.Reverse()));
            Add(Encodings.All.Single(way => way.Name == "shifted").Encode(core));
            Add(Convert.ToHexString(Encoding.ASCII.GetBytes(core)), HexPiece);
            for (int before = 0; before < 3; before++)
            {
                // What stands before and behind moves the letters; those in the middle depend on the key alone.
                string encoded = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('\0', before) + core))[4..^4];
                Add(encoded);
            }
        }
    }

    /// <summary>The piece found; null where there is none.</summary>
    public string? Find(string text)
    {
        foreach (string reading in Readings(text))
        {
            string letters = string.Concat(reading.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
            HashSet<string>.AlternateLookup<ReadOnlySpan<char>> pieces = _pieces.GetAlternateLookup<ReadOnlySpan<char>>();
            for (int i = 0; i + Piece <= letters.Length; i++)
            {
                if (pieces.Contains(letters.AsSpan(i, Piece)) || (i + HexPiece <= letters.Length && pieces.Contains(letters.AsSpan(i, HexPiece))))
                {
                    return letters.Substring(i, Piece);
                }
            }
        }

        return null;
    }

    private static IEnumerable<string> Readings(string text)
    {
        yield return text;
        string unescaped = Unescaped(text);
        if (text.AsSpan().ContainsAny('\\', '%', '&'))
        {
            yield return unescaped;
            yield return Unescaped(unescaped);
            yield return Uri.UnescapeDataString(Uri.UnescapeDataString(unescaped));
            yield return WebUtility.HtmlDecode(unescaped);
        }

        if (!Ascii.IsValid(unescaped))
        {
            yield return string.Concat(unescaped.EnumerateRunes().Select(rune => rune.Value switch
            {
                >= 0xFF01 and <= 0xFF5E => (char)(rune.Value - 0xFEE0),
                >= 0x1D41A and <= 0x1D433 => (char)('a' + rune.Value - 0x1D41A),
                > 0x7F => ' ',
                _ => (char)rune.Value,
            }));
        }
    }

    private static string Unescaped(string text) => Unicode().Replace(text, match => ((char)Convert.ToInt32(match.Groups[1].Value + match.Groups[2].Value, 16)).ToString());

    private void Add(string text, int piece = Piece)
    {
        string letters = string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        for (int i = 0; i + piece <= letters.Length; i++)
        {
            _pieces.Add(letters.Substring(i, piece));
        }
    }

    [GeneratedRegex(@"\\{1,2}(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")]
    private static partial Regex Unicode();
}
