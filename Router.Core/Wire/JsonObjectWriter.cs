using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Router.Core.Wire;

/// <summary>
/// Writes one object after the other, and knows where each member of one stands: what was just written need not be parsed to be edited.
/// Names must be plain ASCII without anything to escape. Not thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Over memory the writer holds nothing that wants disposing.")]
internal sealed class JsonObjectWriter
{
    private readonly ArrayBufferWriter<byte> _buffer;
    private readonly Utf8JsonWriter _writer;
    private readonly List<JsonMember> _members = [];
    private (string Name, int Start, JsonTokenType Kind)? _open;

    /// <param name="capacity">In bytes, to begin with.</param>
    public JsonObjectWriter(int capacity)
    {
        _buffer = new ArrayBufferWriter<byte>(capacity);
        _writer = new Utf8JsonWriter(_buffer, JsonText.Plain);
    }

    /// <summary>How much it holds on to, in bytes.</summary>
    public int Capacity => _buffer.Capacity;

    /// <summary>What writes the value of the member begun last.</summary>
    public Utf8JsonWriter Value => _writer;

    private int Position => checked((int)(_writer.BytesCommitted + _writer.BytesPending));

    public void Begin()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _members.Clear();
        _open = null;
        _writer.WriteStartObject();
    }

    public void String(string name, string? value) => Member(name, value is null ? JsonTokenType.Null : JsonTokenType.String).WriteStringValue(value);

    public void Number(string name, long value) => Member(name, JsonTokenType.Number).WriteNumberValue(value);

    /// <summary>Begins a member whose value, of this kind, the caller writes.</summary>
    public Utf8JsonWriter Member(string name, JsonTokenType kind)
    {
        Close();
        // Behind the brace, or behind the comma that comes with the name.
        _open = (name, Position + (_members.Count == 0 ? 0 : 1), kind);
        _writer.WritePropertyName(name);
        return _writer;
    }

    public JsonObject End()
    {
        Close();
        _writer.WriteEndObject();
        _writer.Flush();
        byte[] text = _buffer.WrittenSpan.ToArray();
        return JsonObject.Known(text, [.. _members]);
    }

    private void Close()
    {
        if (_open is var (name, start, kind))
        {
            _members.Add(new JsonMember(name, start, start + name.Length + "\"\":".Length, Position, kind));
            _open = null;
        }
    }
}
