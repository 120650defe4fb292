using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// Token counts. There, input tokens leave out what was read from or written to the cache; here they include it. In a stream
/// counts are totals so far: later ones replace earlier ones, member by member.
/// </summary>
internal sealed class AnthropicUsage
{
    private bool _any;
    private long _input;
    private long _output;
    private long _read;
    private long _written;
    private long? _thoughts;

    public void Read(JsonElement usage)
    {
        if (usage.ValueKind == JsonValueKind.Object)
        {
            Read(JsonMarshal.GetRawUtf8Value(usage));
        }
    }

    /// <param name="json">One object, known to be well-formed.</param>
    public void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonDepth.Reader);
        reader.Read();
        long? thoughts = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "output_tokens_details"u8))
            {
                thoughts = Thoughts(ref reader);
            }
            else if (JsonReading.Is(ref reader, "input_tokens"u8))
            {
                _input = Count(ref reader) ?? _input;
            }
            else if (JsonReading.Is(ref reader, "output_tokens"u8))
            {
                _output = Count(ref reader) ?? _output;
            }
            else if (JsonReading.Is(ref reader, "cache_read_input_tokens"u8))
            {
                _read = Count(ref reader) ?? _read;
            }
            else if (JsonReading.Is(ref reader, "cache_creation_input_tokens"u8))
            {
                _written = Count(ref reader) ?? _written;
            }
            else if (JsonReading.Is(ref reader, "thinking_tokens"u8))
            {
                _thoughts = Count(ref reader) ?? _thoughts;
            }
            else
            {
                Count(ref reader);
            }
        }

        _thoughts = thoughts ?? _thoughts;
    }

    public UsageDetails? ToDetails()
    {
        if (!_any)
        {
            return null;
        }

        long input = _input + _read + _written;
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = _output,
            TotalTokenCount = input + _output,
            CachedInputTokenCount = _read,
            ReasoningTokenCount = _thoughts,
            AdditionalCounts = _written > 0 ? new() { [OpenAIUsageWriter.CacheWrite] = _written } : null,
        };
    }

    /// <summary>The number after the name the reader stands at; null when it is none.</summary>
    private long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long count))
        {
            _any = true;
            return count;
        }

        reader.Skip();
        return null;
    }

    private long? Thoughts(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _any |= reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out _);
            reader.Skip();
            return null;
        }

        long? thoughts = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "thinking_tokens"u8))
            {
                thoughts = Count(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return thoughts;
    }
}
