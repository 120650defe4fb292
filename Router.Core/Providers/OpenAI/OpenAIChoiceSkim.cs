using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>What the router must know of a <c>choices</c> array, read without parsing its contents.</summary>
/// <param name="Count">How many choices there are.</param>
/// <param name="HasContent">One of them carries text, a tool call, a refusal or reasoning.</param>
/// <param name="Finish">The last finish reason among them.</param>
/// <param name="Open">The choices without a finish reason here, a bit each; those past the 64th count as the 64th.</param>
/// <param name="Finished">The choices with one.</param>
/// <param name="Messages">How many of them hold a message or a delta.</param>
/// <param name="Characters">How long what the model says in them is.</param>
internal readonly record struct OpenAIChoiceSkim(int Count, bool HasContent, string? Finish, ulong Open = 0, ulong Finished = 0, int Messages = 0, int Characters = 0)
{
    public static OpenAIChoiceSkim Of(ReadOnlySpan<byte> choices)
    {
        var reader = new Utf8JsonReader(choices, JsonDepth.Reader);
        reader.Read();
        return Of(ref reader);
    }

    /// <param name="reader">Stands at the array's start, and at its end afterwards.</param>
    public static OpenAIChoiceSkim Of(ref Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        int count = 0;
        bool content = false;
        string? finish = null;
        ulong open = 0;
        ulong finished = 0;
        int messages = 0;
        int characters = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            int index = count++;
            bool ends = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (JsonReading.Is(ref reader, "delta"u8) || JsonReading.Is(ref reader, "message"u8))
                {
                    reader.Read();
                    messages += reader.TokenType == JsonTokenType.StartObject ? 1 : 0;
                    content |= HasContentIn(ref reader, ref characters);
                }
                else if (JsonReading.Is(ref reader, "finish_reason"u8))
                {
                    reader.Read();
                    // Some say "" on every chunk but the last: that is no reason.
                    string? reason = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                    ends = !string.IsNullOrWhiteSpace(reason);
                    finish = ends ? reason : finish;
                    reader.Skip();
                }
                else if (JsonReading.Is(ref reader, "index"u8))
                {
                    reader.Read();
                    index = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int named) && named >= 0 ? named : index;
                    reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            ulong bit = 1UL << Math.Min(index, 63);
            open |= ends ? 0 : bit;
            finished |= ends ? bit : 0;
        }

        while (reader.CurrentDepth > depth && reader.Read())
        {
            // What is no choice ends the skim; the rest is passed over.
        }

        return new OpenAIChoiceSkim(count, content, finish, open, finished, messages, characters);
    }

    private static bool HasContentIn(ref Utf8JsonReader reader, ref int characters)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        bool content = false;
        bool reasoned = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Everything but who speaks counts, known or not: a field of tomorrow may be the answer.
            bool counts = !JsonReading.Is(ref reader, "role"u8);
            // Some say their reasoning twice, under both its names.
            bool reasons = counts && (JsonReading.Is(ref reader, "reasoning_content"u8) || JsonReading.Is(ref reader, "reasoning"u8));
            reader.Read();
            bool something = counts && IsSomething(ref reader);
            content |= something;
            if (something && !(reasons && reasoned))
            {
                characters += SpokenText.Length(ref reader);
                reasoned |= reasons;
            }
            else
            {
                reader.Skip();
            }
        }

        return content;
    }

    private static bool IsSomething(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.HasValueSequence || reader.ValueSpan.Length > 0,
        JsonTokenType.StartArray or JsonTokenType.StartObject => !IsEmpty(reader),
        _ => false,
    };

    /// <summary>Works on a copy of the reader.</summary>
    private static bool IsEmpty(Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject;
    }
}

/// <summary>Skims the choices of a body while it is parsed.</summary>
internal struct OpenAIBodySkim : IValueReader
{
    /// <summary>Null where the body holds none.</summary>
    public OpenAIChoiceSkim? Choices { get; private set; }

    public bool Read(string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray || name != "choices")
        {
            return false;
        }

        Choices = OpenAIChoiceSkim.Of(ref reader);
        return true;
    }
}
