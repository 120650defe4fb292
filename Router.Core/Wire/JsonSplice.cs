using System.Buffers;

namespace Router.Core.Wire;

/// <summary>
/// Edits of a JSON object's members that leave every other byte as it is: names, number formatting, order and
/// white space of untouched members survive. Its text is made once, by <see cref="ToArray"/>, <see cref="ToPieces"/> or <see cref="WriteTo"/>.
/// </summary>
public sealed class JsonSplice(JsonObject source)
{
    private const int FewEdits = 8;
    private const int FewPieces = 16;
    private const int MostPieces = 1024;

    private static readonly byte[] Comma = ","u8.ToArray();
    private static readonly byte[] Colon = ":"u8.ToArray();

    /// <summary>The one member that every answer gets.</summary>
    private static readonly byte[] Metadata = "\"metadata\""u8.ToArray();

    [ThreadStatic]
    private static List<ReadOnlyMemory<byte>>? _spare;

    [ThreadStatic]
    private static Edit[]? _spareEdits;

    private Edit[]? _edits = TakeSpareEdits();
    private int _count;
    private Dictionary<string, int>? _index;

    private Edit[] Edits => _edits ?? throw new InvalidOperationException("The text was made already.");

    /// <summary>Replaces the member's value where it stands, or appends the member.</summary>
    public JsonSplice Set(string name, ReadOnlyMemory<byte> json) => Put(name, json, remove: false);

    public JsonSplice Remove(string name) => Put(name, default, remove: true);

    /// <summary>How long the text will be, in bytes.</summary>
    public int Length
    {
        get
        {
            List<ReadOnlyMemory<byte>> pieces = Spare();
            Fill(pieces);
            int length = Sum(pieces);
            pieces.Clear();
            return length;
        }
    }

    public byte[] ToArray()
    {
        List<ReadOnlyMemory<byte>> pieces = Spare();
        Fill(pieces);
        byte[] all = GC.AllocateUninitializedArray<byte>(Sum(pieces));
        Span<byte> rest = all;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            piece.Span.CopyTo(rest);
            rest = rest[piece.Length..];
        }

        End(pieces);
        return all;
    }

    /// <summary>The text in order, nothing copied: what no edit touches is parts of the source.</summary>
    public ReadOnlyMemory<byte>[] ToPieces()
    {
        List<ReadOnlyMemory<byte>> pieces = Spare();
        Fill(pieces);
        ReadOnlyMemory<byte>[] all = [.. pieces];
        End(pieces);
        return all;
    }

    /// <remarks>A server takes a lock whenever it is asked for memory, or told how much of it was used: once for all pieces that fit.</remarks>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        List<ReadOnlyMemory<byte>> pieces = Spare();
        Fill(pieces);
        Span<byte> room = writer.GetSpan();
        int used = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            for (ReadOnlySpan<byte> rest = piece.Span; !rest.IsEmpty;)
            {
                if (used == room.Length)
                {
                    writer.Advance(used);
                    room = writer.GetSpan();
                    used = 0;
                }

                int fits = Math.Min(rest.Length, room.Length - used);
                rest[..fits].CopyTo(room[used..]);
                used += fits;
                rest = rest[fits..];
            }
        }

        writer.Advance(used);
        End(pieces);
    }

    private static Edit[] TakeSpareEdits()
    {
        Edit[] edits = _spareEdits ?? new Edit[FewEdits];
        _spareEdits = null;
        return edits;
    }

    /// <summary>The edits' memory is the next splice's.</summary>
    private void End(List<ReadOnlyMemory<byte>> pieces)
    {
        pieces.Clear();
        if (Edits is { Length: FewEdits } edits)
        {
            edits.AsSpan(0, _count).Clear();
            _spareEdits = edits;
        }

        _edits = null;
    }

    private static int Sum(List<ReadOnlyMemory<byte>> pieces)
    {
        int length = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            length += piece.Length;
        }

        return length;
    }

    private static List<ReadOnlyMemory<byte>> Spare()
    {
        List<ReadOnlyMemory<byte>> spare = _spare ??= new List<ReadOnlyMemory<byte>>(FewPieces);
        if (spare.Capacity > MostPieces)
        {
            spare = _spare = new List<ReadOnlyMemory<byte>>(FewPieces);
        }

        spare.Clear();
        return spare;
    }

    private void Fill(List<ReadOnlyMemory<byte>> pieces)
    {
        Edit[] edits = Edits;
        ReadOnlyMemory<byte> text = source.Text;
        // What is kept of the source since the last edit; -1 after a member was left out.
        int run = 0;
        int end = text.Span.IndexOf((byte)'{') + 1;
        bool first = true;
        Span<bool> found = _count <= FewEdits ? stackalloc bool[FewEdits] : new bool[_count];
        foreach (ref readonly JsonMember member in source.Members)
        {
            int edit = Find(member.Name);
            if (edit >= 0)
            {
                found[edit] = true;
            }

            if (edit >= 0 && edits[edit].Remove)
            {
                Keep(pieces, text, run, end);
                (run, end) = (-1, member.ValueEnd);
                continue;
            }

            if (run < 0)
            {
                // What stands between two members holds their one comma; the first to be written needs none.
                run = first ? end + text.Span[end..member.Start].IndexOf((byte)',') + 1 : end;
            }

            first = false;
            if (edit >= 0)
            {
                Keep(pieces, text, run, member.ValueStart);
                pieces.Add(edits[edit].Json);
                run = member.ValueEnd;
            }

            end = member.ValueEnd;
        }

        for (int i = 0; i < _count; i++)
        {
            if (!edits[i].Remove && !found[i])
            {
                Keep(pieces, text, run, end);
                run = -1;
                if (!first)
                {
                    pieces.Add(Comma);
                }

                pieces.Add(edits[i].Name == "metadata" ? Metadata : JsonText.Quote(edits[i].Name));
                pieces.Add(Colon);
                pieces.Add(edits[i].Json);
                first = false;
            }
        }

        Keep(pieces, text, run < 0 ? end : run, source.End);
    }

    private static void Keep(List<ReadOnlyMemory<byte>> pieces, ReadOnlyMemory<byte> text, int from, int to)
    {
        if (from >= 0 && from < to)
        {
            pieces.Add(text[from..to]);
        }
    }

    private JsonSplice Put(string name, ReadOnlyMemory<byte> json, bool remove)
    {
        int at = Find(name);
        if (at < 0)
        {
            if (_count == Edits.Length)
            {
                Array.Resize(ref _edits, _count * 2);
            }

            at = _count++;
            if (_count > FewEdits)
            {
                // Only a body made for the purpose has so many that looking through them would tell.
                _index ??= Edits.Take(at).Select((edit, i) => (edit.Name, i)).ToDictionary(StringComparer.Ordinal);
                _index[name] = at;
            }
        }

        Edits[at] = new(name, json, remove);
        return this;
    }

    private int Find(string name)
    {
        if (_index is not null)
        {
            return _index.GetValueOrDefault(name, -1);
        }

        Edit[] edits = Edits;
        for (int i = 0; i < _count; i++)
        {
            if (edits[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Edit(string Name, ReadOnlyMemory<byte> Json, bool Remove);
}
