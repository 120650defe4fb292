using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// Token counts. There, input tokens leave out what was read from or written to the cache; here they include it. In a stream
/// counts are totals so far: later ones replace earlier ones, member by member.
/// </summary>
internal sealed class AnthropicUsage
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Read(JsonElement usage)
    {
        if (usage.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty member in usage.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out long count))
            {
                _counts[member.Name] = count;
            }
        }

        if (usage.TryGetProperty("output_tokens_details", out JsonElement details) && details.ValueKind == JsonValueKind.Object
            && details.TryGetProperty("thinking_tokens", out JsonElement thinking) && thinking.ValueKind == JsonValueKind.Number && thinking.TryGetInt64(out long thoughts))
        {
            _counts["thinking_tokens"] = thoughts;
        }
    }

    public UsageDetails? ToDetails()
    {
        if (_counts.Count == 0)
        {
            return null;
        }

        long read = Count("cache_read_input_tokens");
        long written = Count("cache_creation_input_tokens");
        long input = Count("input_tokens") + read + written;
        long output = Count("output_tokens");
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input + output,
            CachedInputTokenCount = read,
            ReasoningTokenCount = _counts.TryGetValue("thinking_tokens", out long thoughts) ? thoughts : null,
            AdditionalCounts = written > 0 ? new() { [OpenAIUsageWriter.CacheWrite] = written } : null,
        };
    }

    private long Count(string name) => _counts.GetValueOrDefault(name);
}
