using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Providers;

namespace Router.Core.Keys;

/// <summary>
/// A credential in plaintext. It cannot print itself: not by ToString, not in a debugger, not by JSON.
/// Only <see cref="Reveal"/> and <see cref="RevealBearer"/> give the text: to put it on a request message, to seal it, to keep it out of what is shown.
/// </summary>
[DebuggerDisplay("***")]
[JsonConverter(typeof(SecretJsonConverter))]
public sealed class Secret : IEquatable<Secret>
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _value;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private string? _bearer;

    public Secret(string value) => _value = value;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private KeyTrace? _trace;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private KeyTrace[]? _traces;

    public bool IsEmpty => _value.Length == 0;

    /// <summary>Whether a header can carry it. A service account's file is not sent, but what it signs for.</summary>
    public bool IsSendable => KeyText.IsSendable(_value) || _value.TrimStart().StartsWith('{');

    /// <summary>The last four characters of a key long enough to spare them, else nothing; a service account's file has no such end.</summary>
    public string LastFour => _value.Length >= 12 && _value[0] != '{' ? _value[^4..] : "";

    public string Reveal() => _value;

    /// <summary>The text as bearer authentication writes it.</summary>
    public string RevealBearer() => _bearer ??= $"Bearer {_value}";

    /// <summary>By which it is found in a text it must not stand in.</summary>
    internal KeyTrace Trace => _trace ??= new KeyTrace(_value);

    /// <summary>By which it is found in pieces that stand apart: its own trace and those of its encodings.</summary>
    internal IReadOnlyList<KeyTrace> TracesOfPieces => _traces ??= [.. KeyTrace.OfPieces(this)];

    /// <summary>The secret this one was made from, such as the private key of an access token's account; no text may hold that either.</summary>
    internal Secret? Origin { get; init; }

    public bool Equals(Secret? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => "***";
}

/// <summary>Reads a secret from JSON; writes only <c>"***"</c>.</summary>
public sealed class SecretJsonConverter : JsonConverter<Secret>
{
    public override Secret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } value ? new Secret(value) : null;

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
        writer.WriteStringValue("***");
}
