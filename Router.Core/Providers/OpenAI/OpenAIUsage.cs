using System.Text.Json;
using Router.Core.Catalog;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Reads token counts. Some providers count reasoning beside the completion instead of within it, which their total tells; here it is
/// within, and so it is in the answer the caller gets: what it says of its tokens is what is billed for them.
/// </summary>
internal struct OpenAIUsage
{
    private long? _prompt;
    private long? _completion;
    private long? _total;
    private long? _cached;
    private long? _written;
    private long? _reasoning;
    private long? _heard;
    private long? _spoken;

    /// <summary>The counts of an answer or a chunk; null where it has none: an empty object, nulls and texts count nothing.</summary>
    public static MeteredUsage? Read(JsonObject body) => Read(ref body, rewrite: false);

    /// <param name="body">Replaced where reasoning stood beside the completion.</param>
    public static MeteredUsage? Read(ref JsonObject body) => Read(ref body, rewrite: true);

    private static MeteredUsage? Read(ref JsonObject body, bool rewrite)
    {
        if (body.Find("usage") is not { Kind: JsonTokenType.StartObject } member)
        {
            return null;
        }

        var usage = default(OpenAIUsage);
        ReadOnlyMemory<byte> json = body.Value(member);
        usage.Read(json.Span);
        if (usage is { _prompt: null, _completion: null, _total: null })
        {
            return null;
        }

        if (usage.ReasonsBeside())
        {
            usage._completion += usage._reasoning;
            if (rewrite && JsonObject.TryParse(json, out JsonObject? counts))
            {
                byte[] completion = JsonText.Write(usage._completion.GetValueOrDefault(), static (writer, count) => writer.WriteNumberValue(count));
                body = JsonObject.Parse(new JsonSplice(body).Set("usage", new JsonSplice(counts).Set("completion_tokens", completion).ToArray()).ToArray());
            }
        }

        return usage.ToUsage(body);
    }

    private readonly MeteredUsage ToUsage(JsonObject body)
    {
        // Of three that must add up, two are enough.
        long? prompt = _prompt ?? (_total >= _completion ? _total - _completion : null);
        long? completion = _completion ?? (_total >= _prompt ? _total - _prompt : null);
        return new MeteredUsage
        {
            InputTokenCount = prompt,
            OutputTokenCount = completion,
            TotalTokenCount = _total ?? (prompt + completion),
            CachedInputTokenCount = _cached,
            ReasoningTokenCount = _reasoning,
            InputAudio = _heard,
            OutputAudio = _spoken,
            CacheWrite = _written,
            ServiceTier = body.Find("service_tier") is { Kind: JsonTokenType.String } && !body.Is("service_tier", "default"u8) ? ServiceTiers.Of(body.String("service_tier")) : null,
        };
    }

    /// <summary>The total holds the reasoning once more; or, without one, there is more of it than of what it would be a part of.</summary>
    private readonly bool ReasonsBeside() =>
        _reasoning > 0 && _completion is { } completion
        && (_total is { } total ? _prompt is { } prompt && total == prompt + completion + _reasoning : _reasoning > completion);

    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonDepth.Reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, OpenAIUsageWriter.Prompt))
            {
                _prompt = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, OpenAIUsageWriter.Completion))
            {
                _completion = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, OpenAIUsageWriter.Total))
            {
                _total = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, OpenAIUsageWriter.PromptDetails))
            {
                ReadDetails(ref reader, OpenAIUsageWriter.Cached, ref _cached, OpenAIUsageWriter.CacheWrite, ref _written, ref _heard);
            }
            else if (JsonReading.Is(ref reader, OpenAIUsageWriter.CompletionDetails))
            {
                long? none = null;
                ReadDetails(ref reader, OpenAIUsageWriter.Reasoning, ref _reasoning, default, ref none, ref _spoken);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ReadOnlySpan<byte> first, ref long? one, ReadOnlySpan<byte> second, ref long? other, ref long? audio)
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
                one = Count(ref reader);
            }
            else if (!second.IsEmpty && JsonReading.Is(ref reader, second))
            {
                other = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, OpenAIUsageWriter.Audio))
            {
                audio = Count(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    /// <summary>The number after the name the reader stands at; null when it is none.</summary>
    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        long? count = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) ? number : null;
        reader.Skip();
        return count;
    }
}
