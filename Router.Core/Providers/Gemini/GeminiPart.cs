using System.Text.Json;

namespace Router.Core.Providers.Gemini;

/// <summary>One part of a content, ready to be written.</summary>
/// <param name="WriteBody">Writes the members that say what the part is.</param>
internal sealed record GeminiPart(Action<Utf8JsonWriter> WriteBody)
{
    public string? Signature { get; set; }

    public bool IsCall { get; init; }

    public static GeminiPart OfText(string text, string? signature = null, bool thought = false) => new(writer =>
    {
        writer.WriteString("text", text);
        if (thought)
        {
            writer.WriteBoolean("thought", true);
        }
    })
    { Signature = signature };

    /// <summary>Writes <c>{"role":…,"parts":[…]}</c>; nothing at all when there are no parts, which the API refuses.</summary>
    public static void WriteContent(Utf8JsonWriter writer, string? role, IReadOnlyCollection<GeminiPart> parts)
    {
        if (parts.Count == 0)
        {
            return;
        }

        writer.WriteStartObject();
        if (role is not null)
        {
            writer.WriteString("role", role);
        }

        writer.WriteStartArray("parts");
        foreach (GeminiPart part in parts)
        {
            writer.WriteStartObject();
            part.WriteBody(writer);
            if (part.Signature is { } signature)
            {
                writer.WriteString("thoughtSignature", signature);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
