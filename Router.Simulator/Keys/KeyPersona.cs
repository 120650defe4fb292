using System.Globalization;

namespace Router.Simulator.Keys;

internal enum KeyWord
{
    Missing,
    Foreign,
    Good,
    Invalid,
    Expired,
    Revoked,
    NoCredit,
    RateLimited,
    NoAccess,
    Restricted,
    Down,
    Region,
}

/// <summary>What a key's own text says about how it behaves: the word after <c>sim-</c>, and what follows that word.</summary>
internal readonly record struct KeyPersona(KeyWord Word, string Detail)
{
    private const int DefaultRetrySeconds = 7;

    public int RetryAfterSeconds =>
        int.TryParse(Detail, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : DefaultRetrySeconds;

    public static bool IsSimulated(string? key) => key is not null
        && (key.StartsWith("sim-", StringComparison.Ordinal) || key.Contains("-sim-", StringComparison.Ordinal));

    public static KeyPersona Of(string? key)
    {
        if (string.IsNullOrEmpty(key))
            return new(KeyWord.Missing, "");
        if (!IsSimulated(key))
            return new(KeyWord.Foreign, "");
        var start = key.StartsWith("sim-", StringComparison.Ordinal)
            ? 4
            : key.IndexOf("-sim-", StringComparison.Ordinal) + 5;
        return OfWord(key[start..].Split('@')[0]);
    }

    /// <summary>An unknown word is a good key: <c>sim-system-openai</c> works.</summary>
    public static KeyPersona OfWord(string text)
    {
        for (var word = KeyWord.Good; word <= KeyWord.Region; word++)
        {
            var name = word.ToString();
            if (text.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return new(word, text[name.Length..].TrimStart('-'));
        }

        return new(KeyWord.Good, text);
    }
}
