namespace Router.Simulator.Talk;

/// <summary>Stop sequences and the output limit, applied to an answer's pieces.</summary>
internal static class TextLimits
{
    public static (IReadOnlyList<string> Pieces, Finish Finish, string? StopSequence) Apply(IReadOnlyList<string> pieces, Prompt prompt)
    {
        var (finish, stopped) = (Finish.Stop, (string?)null);
        if (prompt.Stops.Count > 0)
        {
            var text = string.Concat(pieces);
            var first = prompt.Stops
                .Select(stop => (Stop: stop, At: stop.Length == 0 ? -1 : text.IndexOf(stop, StringComparison.Ordinal)))
                .Where(hit => hit.At >= 0).OrderBy(hit => hit.At).FirstOrDefault();
            if (first.Stop is not null)
                (pieces, finish, stopped) = (Cut(pieces, first.At), Finish.StopSequence, first.Stop);
        }

        if (prompt.MaxTokens is { } limit && Tokens.Of(pieces.Sum(p => p.Length)) > limit)
            (pieces, finish, stopped) = (Cut(pieces, limit * Tokens.CharactersPerToken), Finish.Length, null);
        return (pieces, finish, stopped);
    }

    private static List<string> Cut(IReadOnlyList<string> pieces, int characters)
    {
        List<string> kept = [];
        foreach (var piece in pieces)
        {
            if (characters <= 0)
                break;
            var length = Math.Min(characters, piece.Length);
            // A surrogate pair is kept or dropped whole.
            if (length < piece.Length && char.IsHighSurrogate(piece[length - 1]))
                length--;
            kept.Add(piece[..length]);
            characters -= piece.Length;
        }

        return kept;
    }
}
