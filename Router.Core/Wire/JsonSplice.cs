using System.Buffers;

namespace Router.Core.Wire;

/// <summary>
/// Edits of a JSON object's members that leave every other byte as it is: names, number formatting, order and
/// white space of untouched members survive.
/// </summary>
public sealed class JsonSplice(JsonObject source)
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>?> _edits = new(StringComparer.Ordinal);

    /// <summary>Replaces the member's value where it stands, or appends the member.</summary>
    public JsonSplice Set(string name, ReadOnlyMemory<byte> json)
    {
        _edits[name] = json;
        return this;
    }

    public JsonSplice Remove(string name)
    {
        _edits[name] = null;
        return this;
    }

    public byte[] ToArray()
    {
        var writer = new ArrayBufferWriter<byte>(source.Text.Length + 128);
        WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        ReadOnlySpan<byte> text = source.Text.Span;
        int open = text.IndexOf((byte)'{') + 1;
        writer.Write(text[..open]);

        int copied = open;
        bool first = true;
        HashSet<string>? found = null;
        foreach (ref readonly JsonMember member in source.Members)
        {
            ReadOnlySpan<byte> lead = text[copied..member.Start];
            copied = member.ValueEnd;
            bool edited = _edits.TryGetValue(member.Name, out ReadOnlyMemory<byte>? replacement);
            if (edited)
            {
                (found ??= new HashSet<string>(StringComparer.Ordinal)).Add(member.Name);
                if (replacement is null)
                {
                    continue;
                }
            }

            // What stands between two members holds their one comma; the first to be written needs none.
            writer.Write(first ? lead[(lead.IndexOf((byte)',') + 1)..] : lead);
            first = false;
            writer.Write(text[member.Start..member.ValueStart]);
            writer.Write(edited ? replacement!.Value.Span : text[member.ValueStart..member.ValueEnd]);
        }

        foreach ((string name, ReadOnlyMemory<byte>? json) in _edits)
        {
            if (json is { } value && found?.Contains(name) != true)
            {
                Append(writer, name, value.Span, first);
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
}
