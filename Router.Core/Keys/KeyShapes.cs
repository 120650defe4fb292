using System.Buffers;
using System.Text.RegularExpressions;

namespace Router.Core.Keys;

/// <summary>What keys and tokens look like, whoever's they are: a text that holds one of these shapes may hold a key nobody here knows.</summary>
internal static partial class KeyShapes
{
    /// <summary>No shape is without one of these.</summary>
    private static readonly SearchValues<string> Beginnings = SearchValues.Create(
        ["sk-", "gsk_", "xai-", "csk-", "fw_", "rk_", "hf_", "AIza", "AQ.", "ya29.", "eyJ", "AKIA", "-----BEGIN", "Bearer", "Basic", "private_key", "client_secret", "refresh_token", "api_key", "apikey"],
        StringComparison.OrdinalIgnoreCase);

    public static bool Hold(ReadOnlySpan<char> text) => text.ContainsAny(Beginnings) && Shape().IsMatch(text);

    /// <summary>The parts of a text that have such a shape.</summary>
    public static IEnumerable<Range> In(string text) =>
        text.AsSpan().ContainsAny(Beginnings) ? Shape().Matches(text).Select(match => match.Index..(match.Index + match.Length)) : [];

    [GeneratedRegex(
        """
        (?<![A-Za-z0-9])(?:
            (?i:sk-|gsk_|xai-|csk-|fw_|hf_)[A-Za-z0-9_-]{16,}
          | rk_[A-Za-z0-9]{6,}_[A-Za-z0-9]{8,}
          | AIza[A-Za-z0-9_-]{20,}
          | AQ\.[A-Za-z0-9_-]{16,}
          | ya29\.[A-Za-z0-9_.-]{16,}
          | AKIA[A-Z0-9]{16}
          | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?
          | (?i:bearer|basic)\s+[A-Za-z0-9._~+/=-]{16,}
        )
        | -----BEGIN[\s\S]*?(?:-----END[^\n-]*-----|\z)
        | (?i:private_key(?:_id)?|client_secret|refresh_token|api_?key)\\?["']\s*:\s*\\?["'][^"']{8,}
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Shape();
}
