using System.Text;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Keys;

/// <summary>
/// How a key is told in a text it must not stand in: by its letters and digits alone, in any case, whatever stands between
/// them, forwards, backwards or shifted by thirteen; a longer piece of it is as bad as all of it. Immutable; lives with its <see cref="Secret"/>.
/// </summary>
internal sealed class KeyTrace
{
    /// <summary>A piece of so many letters is the key's, where it looks like no word: one with a digit or of mixed case.</summary>
    public const int Piece = 8;

    /// <summary>A piece of plain letters may be a word, so it must be longer.</summary>
    private const int PlainPiece = 12;

    /// <summary>Pieces of so many letters count where many fields together may hold the key.</summary>
    public const int Crumb = 4;

    /// <summary>Longer keys are accounts; of one cut in so few pieces each is long enough to be found.</summary>
    private const int LongestInPieces = 512;

    private const ulong CrumbMask = (1UL << (Crumb * 8)) - 1;

    private readonly string? _exact;
    private readonly ulong[] _pieces;
    private readonly bool[] _odd;
    private readonly ulong[] _crumbs;

    public KeyTrace(string key)
    {
        var pieces = new Dictionary<ulong, bool>();
        var crumbs = new HashSet<ulong>();
        foreach (string secret in SecretsOf(key))
        {
            Add(secret, pieces, crumbs);
        }

        // A key too short for pieces is found only as it is.
        _exact = pieces.Count == 0 && key.Length > 0 ? key : null;
        _pieces = [.. pieces.Keys];
        _odd = [.. pieces.Values];
        Array.Sort(_pieces, _odd);
        _crumbs = [.. crumbs];
        Array.Sort(_crumbs);
    }

    /// <summary>
    /// The key's, and those of what it is in base64, wherever it begins there, and in hexadecimal: encoded first and cut in pieces then, it
    /// cannot be decoded piece by piece.
    /// </summary>
    public static IEnumerable<KeyTrace> OfPieces(Secret key)
    {
        yield return key.Trace;
        byte[] text = Encoding.UTF8.GetBytes(key.Reveal());
        if (text.Length > LongestInPieces)
        {
            yield break;
        }

        for (int before = 0; before < 3; before++)
        {
            yield return new KeyTrace(Convert.ToBase64String([.. new byte[before], .. text])[(before == 0 ? 0 : 4)..]);
        }

        yield return new KeyTrace(Convert.ToHexString(text));
    }

    /// <summary>Whether the key, or a piece of it, stands in a text at or after <paramref name="from"/>, and where first.</summary>
    public bool Find(ReadOnlySpan<char> text, Letters letters, int from, out Range place)
    {
        place = default;
        if (_exact is { } exact)
        {
            int at = text[from..].IndexOf(exact, StringComparison.OrdinalIgnoreCase);
            place = at < 0 ? default : (from + at)..(from + at + exact.Length);
            return at >= 0;
        }

        int run = 0;
        bool odd = false;
        ulong piece = 0;
        int enough = Math.Min(PlainPiece - Piece + 1, _pieces.Length);
        for (int i = letters.IndexFrom(from), seen = 1; i < letters.Count; i++, seen++)
        {
            piece = (piece << 8) | letters[i];
            int known = seen < Piece ? -1 : Array.BinarySearch(_pieces, piece);
            if (known >= 0)
            {
                run++;
                odd |= _odd[known];
            }

            if (run > 0 && (known < 0 || i + 1 == letters.Count))
            {
                int last = known < 0 ? i - 1 : i;
                if (odd || run >= enough)
                {
                    place = letters.Range(last - run - Piece + 2, last);
                    return true;
                }

                (run, odd) = (0, false);
            }
        }

        return false;
    }

    /// <summary>The small pieces of the key.</summary>
    public IEnumerable<ulong> Crumbs => _crumbs;

    /// <summary>Marks which of the small pieces that are sought a text holds.</summary>
    public static void Gather(Letters letters, HashSet<ulong> sought, HashSet<ulong> found)
    {
        ulong crumb = 0;
        for (int i = 0; i < letters.Count; i++)
        {
            crumb = ((crumb << 8) | letters[i]) & CrumbMask;
            if (i + 1 >= Crumb && sought.Contains(crumb))
            {
                found.Add(crumb);
            }
        }
    }

    /// <summary>Whether the small pieces found make up two fifths of the key: pieces of five letters side by side come to no more.</summary>
    public bool IsMadeUpOf(HashSet<ulong> found) => _crumbs.Length > 0 && _crumbs.Count(found.Contains) * 5 >= _crumbs.Length * 2;

    private static void Add(string secret, Dictionary<ulong, bool> pieces, HashSet<ulong> crumbs)
    {
        ulong piece = 0;
        string letters = string.Concat(secret.Where(char.IsAsciiLetterOrDigit));
        for (int i = 0; i < letters.Length; i++)
        {
            piece = (piece << 8) | char.ToLowerInvariant(letters[i]);
            if (i + 1 >= Piece)
            {
                ReadOnlySpan<char> window = letters.AsSpan(i + 1 - Piece, Piece);
                bool odd = window.ContainsAnyInRange('0', '9') || (window.ContainsAnyInRange('a', 'z') && window.ContainsAnyInRange('A', 'Z'));
                pieces[piece] = odd || pieces.GetValueOrDefault(piece);
            }

            if (i + 1 >= Crumb && letters.Length >= Piece)
            {
                crumbs.Add(piece & CrumbMask);
            }
        }
    }

    /// <summary>Of a service account's file only some members are secret: its project and addresses stand in every honest error.</summary>
    private static IEnumerable<string> SecretsOf(string key)
    {
        if (!key.AsSpan().TrimStart().StartsWith('{'))
        {
            return [key];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(key, JsonDepth.Document);
            List<string> secrets = [];
            Collect(document.RootElement, secrets);
            return secrets.Count > 0 ? secrets : [key];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [key];
        }
    }

    private static void Collect(JsonElement account, List<string> secrets)
    {
        foreach (JsonProperty member in account.EnumerateObject())
        {
            switch (member.Name)
            {
                case "private_key" or "private_key_id" or "api_key" or "client_secret" or "refresh_token" when member.Value.ValueKind == JsonValueKind.String:
                    // A PEM block's first and last line say what it is.
                    secrets.Add(string.Concat(member.Value.GetString()!.Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal))));
                    break;
                case "service_account" when member.Value.ValueKind == JsonValueKind.String:
                    secrets.AddRange(SecretsOf(member.Value.GetString()!));
                    break;
                case "service_account" when member.Value.ValueKind == JsonValueKind.Object:
                    Collect(member.Value, secrets);
                    break;
            }
        }
    }
}
