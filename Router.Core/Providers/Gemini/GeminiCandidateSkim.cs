using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Reads <c>candidates</c> while the answer around them is read, where they are what nearly every chunk has: one candidate, with one part
/// at most, which is text and nothing else. Whatever is not so is left to a reader of documents.
/// </summary>
internal struct GeminiCandidateSkim : IValueReader
{
    private bool _met;
    private bool _odd;
    private Seen _seen;

    [Flags]
    private enum Seen
    {
        Nothing = 0,
        Content = 1,
        Parts = 2,
        Text = 4,
        Finish = 8,
    }

    /// <summary>Whether there is one candidate, and all it says is said here.</summary>
    public readonly bool IsPlain => _met && !_odd;

    /// <summary>The text of its part; null where it has none.</summary>
    public string? Text { get; private set; }

    public string? FinishReason { get; private set; }

    public bool Read(string name, ref Utf8JsonReader reader)
    {
        if (name != "candidates" || reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _odd |= _met || reader.TokenType != JsonTokenType.StartObject;
            _met = true;
            if (_odd)
            {
                reader.Skip();
            }
            else
            {
                ReadCandidate(ref reader);
            }
        }

        return true;
    }

    private void ReadCandidate(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "content"u8))
            {
                Meet(Seen.Content);
                reader.Read();
                if (Is(ref reader, JsonTokenType.StartObject))
                {
                    ReadContent(ref reader);
                }
            }
            else if (JsonReading.Is(ref reader, "finishReason"u8))
            {
                Meet(Seen.Finish);
                reader.Read();
                FinishReason = Is(ref reader, JsonTokenType.String) ? String(ref reader) : null;
            }
            else if (JsonReading.Is(ref reader, "index"u8))
            {
                reader.Read();
                _odd |= reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long index) || index != 0;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadContent(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!JsonReading.Is(ref reader, "parts"u8))
            {
                reader.Skip();
                continue;
            }

            Meet(Seen.Parts);
            reader.Read();
            if (Is(ref reader, JsonTokenType.StartArray))
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (Is(ref reader, JsonTokenType.StartObject))
                    {
                        ReadPart(ref reader);
                    }
                }
            }
        }
    }

    private void ReadPart(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            _odd |= !JsonReading.Is(ref reader, "text"u8);
            Meet(Seen.Text);
            reader.Read();
            if (Is(ref reader, JsonTokenType.String))
            {
                Text = String(ref reader);
            }
        }
    }

    /// <summary>What stands there twice is for others to choose from.</summary>
    private void Meet(Seen what)
    {
        _odd |= (_seen & what) != 0;
        _seen |= what;
    }

    /// <summary>Whether the value is of this kind; one of another is passed.</summary>
    private bool Is(ref Utf8JsonReader reader, JsonTokenType kind)
    {
        if (reader.TokenType == kind)
        {
            return true;
        }

        _odd = true;
        reader.Skip();
        return false;
    }

    private string? String(ref Utf8JsonReader reader)
    {
        string? text = JsonReading.Text(ref reader);
        _odd |= text is null;
        return text;
    }
}
