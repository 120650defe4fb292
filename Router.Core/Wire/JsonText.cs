using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Router.Core.Wire;

/// <summary>Small pieces of JSON text.</summary>
public static class JsonText
{
    /// <summary>Escapes only what JSON requires: clients read it as JSON, never as HTML.</summary>
    public static JsonWriterOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] True { get; } = "true"u8.ToArray();

    public static byte[] Quote(string value) => Write(writer => writer.WriteStringValue(value));

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Whether a JSON string, quotes included, is empty.</summary>
    public static bool IsEmptyString(ReadOnlySpan<byte> json) => json is [(byte)'"', (byte)'"'];
}
