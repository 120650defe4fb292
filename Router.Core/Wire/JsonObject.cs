using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Router.Core.Wire;

/// <summary>One member of a JSON object, as byte positions in the text it came from.</summary>
/// <param name="Start">Position of the quote that opens the name.</param>
/// <param name="ValueStart">Position of the value's first byte.</param>
/// <param name="ValueEnd">Position after the value's last byte.</param>
public readonly record struct JsonMember(string Name, int Start, int ValueStart, int ValueEnd, JsonTokenType Kind)
{
    public bool IsNull => Kind == JsonTokenType.Null;
}

/// <summary>
/// The members of one JSON object, found without parsing their values. The bytes are kept, so that what nobody
/// has to know survives unchanged. The whole text is checked: well-formed, valid UTF-8, one object, no name twice.
/// </summary>
public sealed class JsonObject
{
    /// <summary>The list members are gathered in is used again, unless an odd body made it larger than this.</summary>
    private const int MostKept = 64;

    [ThreadStatic]
    private static List<JsonMember>? _found;

    private readonly JsonMember[] _members;

    private JsonObject(ReadOnlyMemory<byte> text, JsonMember[] members, int end)
    {
        Text = text;
        _members = members;
        End = end;
    }

    public ReadOnlyMemory<byte> Text { get; }

    public ReadOnlySpan<JsonMember> Members => _members;

    /// <summary>Position after the closing brace.</summary>
    public int End { get; }

    /// <exception cref="JsonObjectException">The text is not one well-formed object with distinct names.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> text)
    {
        var nothing = default(NoValues);
        return Parse(text, ref nothing);
    }

    /// <summary>A text of our own, whose members are known.</summary>
    internal static JsonObject Known(ReadOnlyMemory<byte> text, JsonMember[] members) => new(text, members, text.Length);

    /// <summary>As <see cref="Parse(ReadOnlyMemory{byte})"/>, with values looked into on the way: what is passed anyway need not be read again.</summary>
    public static JsonObject Parse<TValues>(ReadOnlyMemory<byte> text, ref TValues values)
        where TValues : struct, IValueReader
    {
        if (!Utf8.IsValid(text.Span))
        {
            throw new JsonObjectException("The text is not valid UTF-8.", null);
        }

        try
        {
            return Read(text, ref values);
        }
        catch (InvalidOperationException)
        {
            // A name, or a value somebody reads, with half a surrogate pair: legal in the grammar, no text.
            throw new JsonObjectException("A text within is not valid Unicode.", null);
        }
        catch (JsonException e)
        {
            if (JsonDepth.IsExceeded(text.Span))
            {
                throw new JsonObjectException($"The text {JsonDepth.Fault}.", null);
            }

            // The reader's own message may quote the text; position is enough.
            throw new JsonObjectException($"The text is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).", null);
        }
    }

    /// <summary>As <see cref="Parse"/>, for text that is expected to be broken at times.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> text, [NotNullWhen(true)] out JsonObject? result)
    {
        var nothing = default(NoValues);
        return TryParse(text, ref nothing, out result);
    }

    internal static bool TryParse<TValues>(ReadOnlyMemory<byte> text, ref TValues values, [NotNullWhen(true)] out JsonObject? result)
        where TValues : struct, IValueReader
    {
        try
        {
            result = Parse(text, ref values);
            return true;
        }
        catch (JsonObjectException)
        {
            result = null;
            return false;
        }
    }

    public JsonMember? Find(string name)
    {
        foreach (ref readonly JsonMember member in _members.AsSpan())
        {
            if (member.Name == name)
            {
                return member;
            }
        }

        return null;
    }

    public ReadOnlyMemory<byte> Value(JsonMember member) => Text[member.ValueStart..member.ValueEnd];

    /// <summary>The text of a string member; null when it is absent, null, no string, or no valid Unicode.</summary>
    public string? String(string name)
    {
        if (Find(name) is not { Kind: JsonTokenType.String } member)
        {
            return null;
        }

        var reader = new Utf8JsonReader(Value(member).Span, JsonDepth.Reader);
        reader.Read();
        return JsonReading.Text(ref reader);
    }

    /// <summary>Whether the member is a string of exactly this text.</summary>
    public bool Is(string name, ReadOnlySpan<byte> utf8)
    {
        if (Find(name) is not { Kind: JsonTokenType.String } member)
        {
            return false;
        }

        ReadOnlySpan<byte> raw = Value(member).Span[1..^1];
        return raw.Contains((byte)'\\') ? String(name) == System.Text.Encoding.UTF8.GetString(utf8) : raw.SequenceEqual(utf8);
    }

    private static JsonObject Read<TValues>(ReadOnlyMemory<byte> text, ref TValues values)
        where TValues : struct, IValueReader
    {
        var reader = new Utf8JsonReader(text.Span, JsonDepth.Reader);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonObjectException("The text is not a JSON object.", null);
        }

        List<JsonMember> members = _found ??= new List<JsonMember>(MostKept);
        members.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = JsonNames.Read(ref reader);
            int start = checked((int)reader.TokenStartIndex);
            reader.Read();
            int valueStart = checked((int)reader.TokenStartIndex);
            JsonTokenType kind = reader.TokenType;
            if (!values.Read(name, ref reader))
            {
                reader.Skip();
            }

            members.Add(new JsonMember(name, start, valueStart, checked((int)reader.BytesConsumed), kind));
        }

        int end = checked((int)reader.BytesConsumed);
        RejectDuplicates(members);

        // Anything but white space after the object makes the reader throw.
        while (reader.Read())
        {
        }

        JsonMember[] kept = [.. members];
        if (members.Capacity > MostKept)
        {
            _found = null;
        }

        return new JsonObject(text, kept, end);
    }

    private static void RejectDuplicates(List<JsonMember> members)
    {
        // A body has a dozen names; only a hostile one has enough to make pairs expensive.
        if (members.Count > 32)
        {
            var seen = new HashSet<string>(members.Count, StringComparer.Ordinal);
            foreach (JsonMember member in members)
            {
                if (!seen.Add(member.Name))
                {
                    throw JsonObjectException.Duplicate(member.Name);
                }
            }

            return;
        }

        for (int i = 1; i < members.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (members[i].Name == members[j].Name)
                {
                    throw JsonObjectException.Duplicate(members[i].Name);
                }
            }
        }
    }
}

/// <summary>Looks into the values of an object's members while the object is read.</summary>
public interface IValueReader
{
    /// <summary>Reads the value at whose first token the reader stands, to its last; or leaves the reader there and returns false.</summary>
    bool Read(string name, ref Utf8JsonReader reader);
}

internal readonly struct NoValues : IValueReader
{
    public bool Read(string name, ref Utf8JsonReader reader) => false;
}

/// <summary>A text that is not the one JSON object it should be. <see cref="Member"/> names the member at fault, where one is.</summary>
public sealed class JsonObjectException(string message, string? member) : Exception(message)
{
    public string? Member { get; } = member;

    internal static JsonObjectException Duplicate(string name)
    {
        string shown = name.Length <= 64 ? name : name[..64] + "…";
        return new JsonObjectException($"The name '{shown}' occurs twice.", shown);
    }
}
