using System.Globalization;
using System.Text;

namespace Router.Tests.Failures.Canary;

/// <summary>The ways a text can be said so that a plain search does not find it.</summary>
internal static class Encodings
{
    public static IReadOnlyList<(string Name, Func<string, string> Encode)> All { get; } =
    [
        ("as it is", key => key),
        ("in a sentence", key => $"the key '{key}' was refused, see https://vendor.example/?key={key}&x=1"),
        ("upper case", key => key.ToUpperInvariant()),
        ("lower case", key => key.ToLowerInvariant()),
        ("half of it", key => key[..(key.Length * 2 / 3)]),
        ("JSON escapes, twice", key => string.Concat(key.Select(c => $"\\u{(int)c:x4}"))),
        ("a few JSON escapes, twice", key => string.Concat(key.Select((c, i) => i % 3 == 0 ? $"\\u{(int)c:X4}" : $"{c}"))),
        ("\\x escapes", key => string.Concat(key.Select(c => $"\\x{(int)c:x2}"))),
        ("percent", key => string.Concat(key.Select(c => $"%{(int)c:X2}"))),
        ("some percent", key => string.Concat(key.Select((c, i) => i % 4 == 1 ? $"%{(int)c:x2}" : $"{c}"))),
        ("percent of percent", key => string.Concat(key.Select((c, i) => i % 4 == 1 ? $"%25{(int)c:x2}" : $"{c}"))),
        ("HTML", key => string.Concat(key.Select((c, i) => i % 2 == 0 ? $"&#{(int)c};" : $"&#x{(int)c:x};"))),
        ("base64", Base64),
        ("base64 behind something", key => Base64("x-api-key: " + key)),
        ("base64 within letters", key => "auth" + Base64("k" + key)),
        ("base64url", key => Base64("?>" + key).TrimEnd('=').Replace('+', '-').Replace('/', '_')),
        ("base64 in lines", key => string.Concat(Base64(key).Chunk(12).Select(line => new string(line) + "\r\n"))),
        ("base64 of base64", key => Base64(Base64(key))),
        ("base64 of UTF-16", key => Convert.ToBase64String(Encoding.Unicode.GetBytes(key))),
        ("base64 of percent", key => Base64(string.Concat(key.Select(c => $"%{(int)c:X2}")))),
        ("percent of base64", key => Base64(key).Replace("=", "%3D", StringComparison.Ordinal).Replace("a", "%61", StringComparison.Ordinal)),
        ("hexadecimal", key => Convert.ToHexString(Encoding.ASCII.GetBytes(key))),
        ("hexadecimal with colons", key => string.Join(':', Encoding.ASCII.GetBytes(key).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)))),
        ("spaced", key => string.Join(' ', key.ToCharArray())),
        ("dashed", key => string.Join('-', key.Chunk(4).Select(four => new string(four)))),
        ("with nothing between", key => string.Join('\u200B', key.ToCharArray())),
        ("fullwidth", key => string.Concat(key.Select(c => (char)(c + 0xFEE0)))),
        ("mathematical", key => string.Concat(key.Select(c => c is >= 'a' and <= 'z' ? char.ConvertFromUtf32(0x1D41A + c - 'a') : $"{c}"))),
        ("backwards", key => string.Concat(key.Reverse())),
        ("shifted", key => string.Concat(key.Select(c => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + 13) % 26)) : c))),
        ("as a bearer", key => $"Authorization: Bearer {key}"),
        ("as JSON", key => $$$"""{"headers":{"x-goog-api-key":"{{{key}}}"}}"""),
    ];

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
