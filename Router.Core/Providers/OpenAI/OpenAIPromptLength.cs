using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>How much a request says to a model, found in its bytes: characters of text, and parts that are none.</summary>
public struct OpenAIPromptLength
{
    public long Characters { get; private set; }

    /// <summary>Images, recordings and files: their bytes and addresses are no text.</summary>
    public int Media { get; private set; }

    /// <param name="json">A list or an object, known to be well-formed.</param>
    /// <param name="schema">It describes tools or the answer's form, where names are read by the model too; else messages.</param>
    public void Add(ReadOnlySpan<byte> json, bool schema)
    {
        var reader = new Utf8JsonReader(json, JsonDepth.Reader);
        bool text = true;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when !schema && IsMedium(ref reader):
                    Media++;
                    reader.Skip();
                    break;
                case JsonTokenType.PropertyName when schema:
                    Characters += SpokenText.OfString(ref reader);
                    break;
                case JsonTokenType.PropertyName:
                    text = IsText(ref reader);
                    break;
                case JsonTokenType.String when text:
                    Characters += SpokenText.OfString(ref reader);
                    break;
            }
        }
    }

    private static bool IsMedium(ref Utf8JsonReader name) =>
        JsonReading.Is(ref name, "image_url"u8) || JsonReading.Is(ref name, "input_audio"u8) || JsonReading.Is(ref name, "file"u8) || JsonReading.Is(ref name, "video_url"u8);

    /// <summary>Who speaks, ids, kinds and what earlier answers were thought or signed with are no part of what is read.</summary>
    private static bool IsText(ref Utf8JsonReader name) =>
        JsonReading.Is(ref name, "content"u8) || JsonReading.Is(ref name, "text"u8) || JsonReading.Is(ref name, "refusal"u8) || JsonReading.Is(ref name, "name"u8) || JsonReading.Is(ref name, "arguments"u8);
}
