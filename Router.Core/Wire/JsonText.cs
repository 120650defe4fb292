using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Router.Core.Wire;

/// <summary>Small pieces of JSON text.</summary>
public static class JsonText
{
    /// <summary>Escapes only what JSON requires: clients read it as JSON, never as HTML.</summary>
    public static JsonWriterOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const int LargestSpare = 64 * 1024;

    [ThreadStatic]
    private static Tuple<ArrayBufferWriter<byte>, Utf8JsonWriter>? _spare;

    public static byte[] True { get; } = "true"u8.ToArray();

    /// <summary>What stands in a JSON string as it is, whoever reads it.</summary>
    private static readonly SearchValues<char> Bare = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@ ");

    public static byte[] Quote(string value)
    {
        if (value.AsSpan().ContainsAnyExcept(Bare))
        {
            return Write(value, static (writer, text) => writer.WriteStringValue(text));
        }

        byte[] quoted = new byte[value.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        Encoding.ASCII.GetBytes(value, quoted.AsSpan(1));
        return quoted;
    }

    public static byte[] Write(Action<Utf8JsonWriter> write) => Write(write, static (writer, act) => act(writer));

    public static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> write) => Write(value, write, static text => text.ToArray());

    /// <summary>As <see cref="Write{T}(T, Action{Utf8JsonWriter, T})"/>, at the beginning of an array of <see cref="SharedBytes"/>.</summary>
    public static (byte[] Shared, int Length) WriteShared<T>(T value, Action<Utf8JsonWriter, T> write) => Write(value, write, static text =>
    {
        byte[] shared = SharedBytes.Rent(text.Length);
        text.CopyTo(shared);
        return (shared, text.Length);
    });

    private static TText Write<T, TText>(T value, Action<Utf8JsonWriter, T> write, Func<ReadOnlySpan<byte>, TText> take)
    {
        // Taken while in use: what is written may be written from further text.
        Tuple<ArrayBufferWriter<byte>, Utf8JsonWriter> spare = _spare ?? Make();
        _spare = null;
        (ArrayBufferWriter<byte> buffer, Utf8JsonWriter writer) = spare;
        try
        {
            write(writer, value);
            writer.Flush();
            return take(buffer.WrittenSpan);
        }
        finally
        {
            if (buffer.Capacity <= LargestSpare)
            {
                buffer.ResetWrittenCount();
                writer.Reset(buffer);
                _spare = spare;
            }
        }
    }

    private static Tuple<ArrayBufferWriter<byte>, Utf8JsonWriter> Make()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        return new(buffer, new Utf8JsonWriter(buffer, Plain));
    }

    /// <summary>Whether a JSON string, quotes included, is empty.</summary>
    public static bool IsEmptyString(ReadOnlySpan<byte> json) => json is [(byte)'"', (byte)'"'];
}
