using System.Text.Json;

namespace Router.Core.Wire;

/// <summary>
/// How deep JSON may nest, for whatever reads or writes it: one limit for the whole product. Where two readers of the same text had
/// two, what one let pass would fail in the other, long after the caller could be told.
/// </summary>
public static class JsonDepth
{
    /// <summary>Objects and lists within each other, the outermost counted.</summary>
    public const int Most = 128;

    /// <summary>For what is stored and given back within an answer: most clients' readers stop at 64.</summary>
    public const int MostStored = 60;

    public static JsonReaderOptions Reader { get; } = new() { MaxDepth = Most };

    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = Most };

    /// <summary>What is wrong with a text that <see cref="IsExceeded"/>, as the rest of a sentence.</summary>
    public static string Fault { get; } = $"nests deeper than {Most} levels";

    /// <summary>Whether the text, which could not be read, is well-formed as far as the limit and goes on beyond it.</summary>
    public static bool IsExceeded(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = Most + 1 });
        try
        {
            while (reader.Read())
            {
                // A container is as deep as those around it are many.
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= Most)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // Broken before it is too deep.
        }

        return false;
    }
}
