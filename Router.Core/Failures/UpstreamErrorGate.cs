using System.Text;
using System.Text.Json;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Failures;

/// <summary>
/// Lets a provider's error through <see cref="ProviderWords"/>: the members that errors are documented to have, in the shapes they
/// have there, without a key. What comes in OpenAI's envelope keeps its bytes where nothing had to go.
/// </summary>
internal static class UpstreamErrorGate
{
    private const string DefaultType = "invalid_request_error";
    private const string DefaultCode = "invalid_request";
    private const int LongestNumber = 16;

    /// <summary>A longer one is written anew, from what passes.</summary>
    private const int LongestEnvelope = 16 * 1024;

    /// <param name="beside">What else of the answer the caller gets to see.</param>
    public static UpstreamError Pass(UpstreamError error, ReadOnlySpan<Secret?> keys, string? beside = null)
    {
        ReadOnlyMemory<byte>? raw = error.Raw is { Length: <= LongestEnvelope } envelope ? Envelope(envelope, keys) : null;
        var passed = new UpstreamError(
            ProviderWords.Sentence(error.Message, keys),
            error.Type is null ? null : ProviderWords.Token(error.Type, keys) ?? DefaultType,
            error.Code is null ? null : ProviderWords.Token(error.Code, keys) ?? DefaultCode,
            ProviderWords.Token(error.Param, keys),
            raw);
        string? whole = raw is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
        return ProviderWords.HideTogether([passed.Message, passed.Type, passed.Code, passed.Param, whole, beside], keys)
            ? new UpstreamError(ProviderWords.Withheld, DefaultType, DefaultCode, null)
            : whole is not null && ProviderWords.Hides(whole, keys) ? passed with { Raw = null } : passed;
    }

    private static ReadOnlyMemory<byte>? Envelope(ReadOnlyMemory<byte> envelope, ReadOnlySpan<Secret?> keys)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(envelope, JsonDepth.Document);
            Dictionary<string, byte[]> members = new(StringComparer.Ordinal);
            bool changed = false;
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                byte[]? value = Member(member.Name, member.Value, keys);
                changed |= value is null || members.ContainsKey(member.Name) || !value.AsSpan().SequenceEqual(Bytes(member.Value));
                if (value is not null)
                {
                    members[member.Name] = value;
                }
            }

            return !changed ? envelope : members.ContainsKey("message") ? Written(members) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The value a member passes with; null where it does not.</summary>
    private static byte[]? Member(string name, JsonElement value, ReadOnlySpan<Secret?> keys)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number:
                byte[] plain = Bytes(value);
                return plain.Length <= LongestNumber && ProviderWords.Token(name, keys) is not null ? plain : null;
            case JsonValueKind.String when name is "message" or "failed_generation":
                string text = value.GetString()!;
                string passed = ProviderWords.Sentence(text, keys);
                return ReferenceEquals(text, passed) ? Bytes(value) : JsonText.Quote(passed);
            case JsonValueKind.String when name is "type" or "code" or "param" or "status" or "object":
                return ProviderWords.Token(value.GetString(), keys) is not null ? Bytes(value)
                    : name == "type" ? JsonText.Quote(DefaultType)
                    : name == "code" ? JsonText.Quote(DefaultCode)
                    : "null"u8.ToArray();
            // Groq's generation may come as the call it was to be.
            case JsonValueKind.Object or JsonValueKind.Array when name == "failed_generation":
                return ProviderWords.Hides(value.GetRawText(), keys) ? null : Bytes(value);
            default:
                return null;
        }
    }

    private static byte[] Bytes(JsonElement value) => Encoding.UTF8.GetBytes(value.GetRawText());

    private static byte[] Written(Dictionary<string, byte[]> members) => JsonText.Write(members, static (writer, all) =>
    {
        writer.WriteStartObject();
        foreach ((string name, byte[] value) in all)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value, skipInputValidation: true);
        }

        writer.WriteEndObject();
    });
}
