using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// Reads <c>content</c> while the answer around it is read, where all its blocks are texts, as those of nearly every answer are. Whatever
/// is not so is left to a reader of documents.
/// </summary>
internal struct AnthropicContentSkim : IValueReader
{
    private List<AIContent>? _texts;
    private bool _odd;

    /// <summary>What the answer says; null where it says anything but text.</summary>
    public readonly List<AIContent>? Texts => _odd ? null : _texts;

    public bool Read(string name, ref Utf8JsonReader reader)
    {
        if (name != "content" || reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        _texts = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadBlock(ref reader);
            }
            else
            {
                _odd = true;
                reader.Skip();
            }
        }

        return true;
    }

    private void ReadBlock(ref Utf8JsonReader reader)
    {
        string? text = null;
        int types = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = JsonReading.Is(ref reader, "type"u8);
            bool isText = JsonReading.Is(ref reader, "text"u8);
            reader.Read();
            if (isType)
            {
                types++;
                _odd |= reader.TokenType != JsonTokenType.String || !JsonReading.Is(ref reader, "text"u8);
            }
            else if (isText)
            {
                // What is said twice is for others to choose from.
                _odd |= text is not null;
                text = JsonReading.Text(ref reader);
            }

            reader.Skip();
        }

        _odd |= types != 1 || text is null;
        if (!_odd)
        {
            _texts!.Add(new TextContent(text));
        }
    }
}
