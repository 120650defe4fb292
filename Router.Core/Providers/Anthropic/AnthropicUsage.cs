using System.Runtime.InteropServices;
using System.Text.Json;
using Router.Core.Catalog;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// Token counts. There, input tokens leave out what was read from or written to the cache; here they include it. In a stream
/// counts are totals so far: later ones replace earlier ones, member by member; what comes out is counted only where the stream ends.
/// </summary>
internal sealed class AnthropicUsage
{
    private long? _input;
    private long? _output;
    private long? _read;
    private long? _written;
    private long? _short;
    private long? _long;
    private long? _thoughts;
    private long? _begun;
    private string? _tier;
    private string? _speed;

    /// <summary>What was counted by the end; null where nothing was.</summary>
    public MeteredUsage? Whole => Of(_output);

    /// <summary>What was counted when the stream broke off.</summary>
    public MeteredUsage? SoFar => Of(_output ?? _begun);

    /// <param name="begins">It stands at a stream's beginning: what it says came out is no more than that something will.</param>
    public void Read(JsonElement usage, bool begins = false)
    {
        if (usage.ValueKind == JsonValueKind.Object)
        {
            Read(JsonMarshal.GetRawUtf8Value(usage));
            if (begins)
            {
                (_begun, _output) = (_output, null);
            }
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
            if (JsonReading.Is(ref reader, "input_tokens"u8))
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
            else if (JsonReading.Is(ref reader, "cache_creation"u8))
            {
                ReadPair(ref reader, "ephemeral_5m_input_tokens"u8, ref _short, "ephemeral_1h_input_tokens"u8, ref _long);
            }
            else if (JsonReading.Is(ref reader, "output_tokens_details"u8))
            {
                long? none = null;
                thoughts = null;
                ReadPair(ref reader, "thinking_tokens"u8, ref thoughts, default, ref none);
            }
            else if (JsonReading.Is(ref reader, "service_tier"u8))
            {
                _tier = Word(ref reader) ?? _tier;
            }
            else if (JsonReading.Is(ref reader, "speed"u8))
            {
                _speed = Word(ref reader) ?? _speed;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        _thoughts = thoughts ?? _thoughts;
    }

    private MeteredUsage? Of(long? output)
    {
        long? written = _written ?? (_short is null && _long is null ? null : (_short ?? 0) + (_long ?? 0));
        long? input = _input is null && _read is null && written is null ? null : (_input ?? 0) + (_read ?? 0) + (written ?? 0);
        return input is null && output is null ? null : new MeteredUsage
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input + output,
            CachedInputTokenCount = _read,
            ReasoningTokenCount = _thoughts,
            CacheWrite = written,
            CacheWriteLong = _long,
            ServiceTier = ServiceTiers.Of(_speed) ?? ServiceTiers.Of(_tier),
        };
    }

    /// <summary>The number after the name the reader stands at; null when it is none.</summary>
    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        long? count = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) ? number : null;
        reader.Skip();
        return count;
    }

    private static string? Word(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return JsonReading.Is(ref reader, "standard"u8) ? "standard" : JsonReading.Text(ref reader);
        }

        reader.Skip();
        return null;
    }

    private static void ReadPair(ref Utf8JsonReader reader, ReadOnlySpan<byte> first, ref long? one, ReadOnlySpan<byte> second, ref long? other)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, first))
            {
                one = Count(ref reader) ?? one;
            }
            else if (!second.IsEmpty && JsonReading.Is(ref reader, second))
            {
                other = Count(ref reader) ?? other;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }
}
