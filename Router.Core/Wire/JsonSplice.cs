using System.Buffers;

namespace Router.Core.Wire;

/// <summary>
/// Edits of a JSON object's members that leave every other byte as it is: names, number formatting, order and
/// white space of untouched members survive.
/// </summary>
public sealed class JsonSplice(JsonObject source)
{
    private const int FewEdits = 8;

    private Edit[] _edits = new Edit[4];
    private int _count;
    private Dictionary<string, int>? _index;

    /// <summary>Replaces the member's value where it stands, or appends the member.</summary>
    public JsonSplice Set(string name, ReadOnlyMemory<byte> json) => Put(name, json, remove: false);

    public JsonSplice Remove(string name) => Put(name, default, remove: true);

    public byte[] ToArray()
    {
        var writer = new ArrayBufferWriter<byte>(Longest());
        WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        ReadOnlySpan<byte> text = source.Text.Span;
        int copied = text.IndexOf((byte)'{') + 1;
        writer.Write(text[..copied]);

        bool first = true;
        Span<bool> found = _count <= FewEdits ? stackalloc bool[FewEdits] : new bool[_count];
        foreach (ref readonly JsonMember member in source.Members)
        {
            ReadOnlySpan<byte> lead = text[copied..member.Start];
            copied = member.ValueEnd;
            int edit = Find(member.Name);
            if (edit >= 0)
            {
                found[edit] = true;
                if (_edits[edit].Remove)
                {
                    continue;
                }
            }

            // What stands between two members holds their one comma; the first to be written needs none.
            writer.Write(first ? lead[(lead.IndexOf((byte)',') + 1)..] : lead);
            first = false;
            writer.Write(text[member.Start..member.ValueStart]);
            writer.Write(edit >= 0 ? _edits[edit].Json.Span : text[member.ValueStart..member.ValueEnd]);
        }

        for (int i = 0; i < _count; i++)
        {
            if (!_edits[i].Remove && !found[i])
            {
                Append(writer, _edits[i].Name, _edits[i].Json.Span, first);
                first = false;
            }
        }

        writer.Write(text[copied..source.End]);
    }

    private static void Append(IBufferWriter<byte> writer, string name, ReadOnlySpan<byte> value, bool first)
    {
        if (!first)
        {
            writer.Write(","u8);
        }

        writer.Write(JsonText.Quote(name));
        writer.Write(":"u8);
        writer.Write(value);
    }

    private JsonSplice Put(string name, ReadOnlyMemory<byte> json, bool remove)
    {
        int at = Find(name);
        if (at < 0)
        {
            if (_count == _edits.Length)
            {
                Array.Resize(ref _edits, _count * 2);
            }

            at = _count++;
            if (_count > FewEdits)
            {
                // Only a body made for the purpose has so many that looking through them would tell.
                _index ??= _edits.Take(at).Select((edit, i) => (edit.Name, i)).ToDictionary(StringComparer.Ordinal);
                _index[name] = at;
            }
        }

        _edits[at] = new(name, json, remove);
        return this;
    }

    private int Find(string name)
    {
        if (_index is not null)
        {
            return _index.GetValueOrDefault(name, -1);
        }

        for (int i = 0; i < _count; i++)
        {
            if (_edits[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>At least as long as what will be written.</summary>
    private int Longest()
    {
        int length = source.Text.Length;
        for (int i = 0; i < _count; i++)
        {
            // A name may be escaped, six bytes for a character at most.
            length += _edits[i].Json.Length + (6 * _edits[i].Name.Length) + 4;
        }

        return length;
    }

    private readonly record struct Edit(string Name, ReadOnlyMemory<byte> Json, bool Remove);
}
