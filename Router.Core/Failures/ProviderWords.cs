using System.Buffers;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Core.Failures;

/// <summary>
/// The gate for what a provider says outside its answers' content: nothing of it reaches a caller, a log, a span, a metric, a
/// receipt or a table but through here. It is decoded in every way <see cref="Readings"/> knows before it is compared, with the keys
/// at hand and with what keys look like (<see cref="KeyShapes"/>). Keys that are null are passed over.
/// </summary>
internal static class ProviderWords
{
    /// <summary>Stands for words that cannot be shown without a key.</summary>
    public const string Withheld = "The provider's words are withheld: they hold what may be a key.";

    private const string Mask = "***";
    private const int LongestToken = 64;

    /// <summary>No provider has more to say, and every reading of it costs time.</summary>
    private const int LongestSentence = 4 * 1024;

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.[]-");

    /// <summary>Between the words of a text that may each be encoded.</summary>
    private static readonly SearchValues<char> Separators = SearchValues.Create(" \t\r\n\"'`<>(){}[],|");

    /// <summary>A code, a type, the name of a member, the id of a request: short, plain and no key, else null.</summary>
    public static string? Token(string? text, params ReadOnlySpan<Secret?> keys) =>
        text is { Length: > 0 and <= LongestToken } && !text.AsSpan().ContainsAnyExcept(TokenCharacters) && !Hides(text, keys) ? text : null;

    /// <summary>A name out of an answer, such as the model that served: as long as names are, and no key, else null.</summary>
    public static string? Name(string? text, params ReadOnlySpan<Secret?> keys)
    {
        string? name = text is { Length: > RouterOptions.LongestName } ? text[..RouterOptions.LongestName] : text;
        return name is null || Hides(name, keys) ? null : name;
    }

    /// <summary>A sentence, readable, with what may be a key replaced; the beginning of one that is too long.</summary>
    public static string Sentence(string text, params ReadOnlySpan<Secret?> keys)
    {
        text = text.Length > LongestSentence ? text[..LongestSentence] + "…" : text;
        if (!Hides(text, keys))
        {
            return text;
        }

        string masked = Masked(text, keys);
        return Hides(masked, keys) ? Withheld : masked;
    }

    /// <summary>Whether a text holds a key, a piece of one or what looks like one, however it is encoded.</summary>
    public static bool Hides(string text, params ReadOnlySpan<Secret?> keys)
    {
        if (Shows(text, keys))
        {
            return true;
        }

        List<string>? readings = Readings.Of(text, out bool tooMany);
        foreach (string reading in readings ?? [])
        {
            if (Shows(reading, keys))
            {
                return true;
            }
        }

        return tooMany;
    }

    /// <summary>Whether texts that stand apart hold, together, most of a key.</summary>
    public static bool HideTogether(IEnumerable<string?> texts, params ReadOnlySpan<Secret?> keys)
    {
        List<KeyTrace> traces = [];
        foreach (Secret? key in keys)
        {
            for (Secret? at = key; at is not null; at = at.Origin)
            {
                traces.AddRange(at.TracesOfPieces);
            }
        }

        HashSet<ulong> sought = [.. traces.SelectMany(trace => trace.Crumbs)];
        HashSet<ulong> found = [];
        foreach (string text in texts.OfType<string>().SelectMany(Readings.OfPieces))
        {
            KeyTrace.Gather(Letters.Of(text, new byte[text.Length], new int[text.Length]), sought, found);
        }

        return traces.Exists(trace => trace.IsMadeUpOf(found));
    }

    /// <summary>Whether a text holds such a thing as it stands, or written backwards or shifted.</summary>
    private static bool Shows(string text, ReadOnlySpan<Secret?> keys)
    {
        if (KeyShapes.Hold(text))
        {
            return true;
        }

        bool small = text.Length <= Letters.Small;
        Span<byte> room = small ? stackalloc byte[Letters.Small * 2] : new byte[text.Length * 2];
        Letters letters = Letters.Of(text, room[..(room.Length / 2)], small ? stackalloc int[Letters.Small] : new int[text.Length]);
        Span<byte> other = room[(room.Length / 2)..];
        for (int i = 0; i < keys.Length; i++)
        {
            for (Secret? key = i > 0 && ReferenceEquals(keys[i], keys[i - 1]) ? null : keys[i]; key is not null; key = key.Origin)
            {
                KeyTrace trace = key.Trace;
                if (trace.Find(text, letters, 0, out _)
                    || trace.Find(text, letters.Backwards(other), 0, out _)
                    || trace.Find(text, letters.Shifted(other), 0, out _))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static string Masked(string text, ReadOnlySpan<Secret?> keys)
    {
        bool[] hidden = new bool[text.Length];
        Letters letters = Letters.Of(text, new byte[text.Length], new int[text.Length]);
        foreach (Secret? key in keys)
        {
            for (Secret? at = key; at is not null; at = at.Origin)
            {
                for (int from = 0; at.Trace.Find(text, letters, from, out Range place); from = place.End.Value)
                {
                    hidden.AsSpan(place).Fill(true);
                }
            }
        }

        foreach (Range shape in KeyShapes.In(text))
        {
            hidden.AsSpan(shape).Fill(true);
        }

        for (int start = 0; start < text.Length;)
        {
            int length = text.AsSpan(start).IndexOfAny(Separators);
            length = length < 0 ? text.Length - start : length;
            if (length > 0 && !hidden.AsSpan(start, length).Contains(true) && Hides(text.Substring(start, length), keys))
            {
                hidden.AsSpan(start, length).Fill(true);
            }

            start += length + 1;
        }

        var masked = new System.Text.StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (!hidden[i])
            {
                masked.Append(text[i]);
            }
            else if (i == 0 || !hidden[i - 1])
            {
                masked.Append(Mask);
            }
        }

        return masked.ToString();
    }
}
