using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.OpenAI;

/// <summary>Token counts in this dialect: prompt tokens include cached ones, completion tokens include reasoning.</summary>
internal static class OpenAIUsageWriter
{
    /// <summary>Where dialects put tokens written to a provider's cache.</summary>
    public const string CacheWrite = "cache_write_tokens";

    public static void Write(Utf8JsonWriter writer, UsageDetails usage)
    {
        long input = usage.InputTokenCount ?? 0;
        long output = usage.OutputTokenCount ?? 0;
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens", input);
        writer.WriteNumber("completion_tokens", output);
        writer.WriteNumber("total_tokens", usage.TotalTokenCount ?? input + output);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", usage.CachedInputTokenCount ?? 0);
        if (usage.AdditionalCounts?.TryGetValue(CacheWrite, out long written) == true)
        {
            writer.WriteNumber(CacheWrite, written);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details");
        writer.WriteNumber("reasoning_tokens", usage.ReasoningTokenCount ?? 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
