namespace Router.Simulator.Talk;

/// <summary>Token arithmetic simple enough to predict by hand: four characters are a token.</summary>
internal static class Tokens
{
    public const int CharactersPerToken = 4;

    public static int Of(int characters) => (characters + CharactersPerToken - 1) / CharactersPerToken;

    public static List<string> SplitWords(string text)
    {
        List<string> words = [];
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != ' ')
                continue;
            words.Add(text[start..(i + 1)]);
            start = i + 1;
        }

        if (start < text.Length)
            words.Add(text[start..]);
        return words;
    }

    /// <summary>Pieces of equal size that never break a surrogate pair.</summary>
    public static List<string> Split(string text, int size)
    {
        List<string> pieces = [];
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(text.Length, start + size);
            if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
                end++;
            pieces.Add(text[start..end]);
            start = end;
        }

        return pieces;
    }
}
