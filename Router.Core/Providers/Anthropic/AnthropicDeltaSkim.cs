using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>Reads the <c>delta</c> of an event while the event is read, where it is what nearly every one has: more of a text.</summary>
internal struct AnthropicDeltaSkim : IValueReader
{
    private int _types;
    private int _texts;
    private bool _odd;

    /// <summary>Whether it is a text's, and all it says is said here.</summary>
    public readonly bool IsText => _types == 1 && _texts <= 1 && !_odd;

    public string? Text { get; private set; }

    public bool Read(string name, ref Utf8JsonReader reader)
    {
        if (name != "delta" || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "type"u8))
            {
                _types++;
                reader.Read();
                _odd |= reader.TokenType != JsonTokenType.String || !JsonReading.Is(ref reader, "text_delta"u8);
                reader.Skip();
            }
            else if (JsonReading.Is(ref reader, "text"u8))
            {
                _texts++;
                reader.Read();
                Text = JsonReading.Text(ref reader);
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        return true;
    }
}
