using System.Text.Json;
using Router.Core.Catalog;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>Token counts: the prompt's include cached ones, the thoughts' stand beside the answer's and are added here.</summary>
internal struct GeminiUsage
{
    private long? _prompt;
    private long? _tools;
    private long? _thoughts;
    private long? _candidates;
    private long? _cached;
    private long? _total;
    private long? _heard;
    private long? _spoken;
    private string? _tier;

    /// <param name="json">The object that holds them.</param>
    /// <returns>Null where it counts nothing.</returns>
    public static MeteredUsage? Read(ReadOnlyMemory<byte> json)
    {
        var usage = default(GeminiUsage);
        usage.Read(json.Span);
        return usage.ToUsage();
    }

    private readonly MeteredUsage? ToUsage()
    {
        if (_prompt is null && _candidates is null && _thoughts is null && _total is null)
        {
            return null;
        }

        long output = (_candidates ?? 0) + (_thoughts ?? 0);
        bool counted = (_candidates ?? _thoughts) is not null;
        long? input = _prompt is { } prompt ? prompt + (_tools ?? 0) : counted && _total >= output ? _total - output : null;
        // What is none is not said; of a total and one half the other half is known.
        long? told = counted ? output : input is { } known ? Math.Max(0, (_total ?? known) - known) : null;
        return new MeteredUsage
        {
            InputTokenCount = input,
            OutputTokenCount = told,
            TotalTokenCount = input + told,
            CachedInputTokenCount = _cached ?? 0,
            ReasoningTokenCount = _thoughts ?? 0,
            InputAudio = _heard,
            OutputAudio = _spoken,
            ServiceTier = ServiceTiers.Of(_tier),
        };
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonDepth.Reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "promptTokenCount"u8))
            {
                _prompt = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "toolUsePromptTokenCount"u8))
            {
                _tools = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "thoughtsTokenCount"u8))
            {
                _thoughts = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "candidatesTokenCount"u8))
            {
                _candidates = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "cachedContentTokenCount"u8))
            {
                _cached = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "totalTokenCount"u8))
            {
                _total = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "promptTokensDetails"u8))
            {
                _heard = Audio(ref reader);
            }
            else if (JsonReading.Is(ref reader, "candidatesTokensDetails"u8))
            {
                _spoken = Audio(ref reader);
            }
            else if (JsonReading.Is(ref reader, "trafficType"u8) || JsonReading.Is(ref reader, "serviceTier"u8))
            {
                reader.Read();
                _tier = JsonReading.Text(ref reader) ?? _tier;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        long? count = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) ? Math.Max(0, number) : null;
        reader.Skip();
        return count;
    }

    /// <summary>That of audio in a list of counts by modality; null where none is told.</summary>
    private static long? Audio(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        long? all = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            bool audio = false;
            long? count = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (JsonReading.Is(ref reader, "tokenCount"u8))
                {
                    count = Count(ref reader);
                    continue;
                }

                bool modality = JsonReading.Is(ref reader, "modality"u8);
                reader.Read();
                audio |= modality && reader.TokenType == JsonTokenType.String && JsonReading.Is(ref reader, "AUDIO"u8);
                reader.Skip();
            }

            all = audio ? (all ?? 0) + (count ?? 0) : all;
        }

        return all;
    }
}
