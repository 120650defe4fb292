using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Router.Api.Auth;

/// <summary>Reads <c>Authorization: Basic|Bearer &lt;token&gt;</c>. Hostile input is refused, never an exception.</summary>
internal static class AuthorizationHeader
{
    /// <summary>Longer than any token of ours in base64.</summary>
    private const int MaxLength = 1024;

    public static bool TryGetToken(string? header, out ReadOnlySpan<char> token)
    {
        token = default;
        if (header is null || header.Length > MaxLength)
            return false;
        var text = header.AsSpan().Trim();
        var space = text.IndexOf(' ');
        if (space < 0 || !IsScheme(text[..space]))
            return false;
        token = text[(space + 1)..].Trim();
        return !token.IsEmpty;
    }

    /// <summary>The token decoded, where it is base64 of UTF-8 text.</summary>
    public static bool TryDecode(ReadOnlySpan<char> token, [NotNullWhen(true)] out string? text)
    {
        text = null;
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (token.Length > MaxLength || !Convert.TryFromBase64Chars(token, bytes, out var length) || length == 0)
            return false;
        // Invalid bytes become U+FFFD, which no token contains.
        text = Encoding.UTF8.GetString(bytes[..length]);
        return true;
    }

    private static bool IsScheme(ReadOnlySpan<char> scheme) =>
        scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);
}
