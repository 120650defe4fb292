using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.OpenAI;

/// <summary>Token counts in this dialect: prompt tokens include cached ones, completion tokens include reasoning. Its names are read by <see cref="OpenAIUsage"/>.</summary>
internal static class OpenAIUsageWriter
{
    public static ReadOnlySpan<byte> Prompt => "prompt_tokens"u8;

    public static ReadOnlySpan<byte> Completion => "completion_tokens"u8;

    public static ReadOnlySpan<byte> Total => "total_tokens"u8;

    public static ReadOnlySpan<byte> PromptDetails => "prompt_tokens_details"u8;

    public static ReadOnlySpan<byte> CompletionDetails => "completion_tokens_details"u8;

    public static ReadOnlySpan<byte> Cached => "cached_tokens"u8;

    public static ReadOnlySpan<byte> CacheWrite => "cache_write_tokens"u8;

    public static ReadOnlySpan<byte> Reasoning => "reasoning_tokens"u8;

    public static ReadOnlySpan<byte> Audio => "audio_tokens"u8;

    public static void Write(Utf8JsonWriter writer, UsageDetails usage)
    {
        long input = usage.InputTokenCount ?? 0;
        long output = usage.OutputTokenCount ?? 0;
        writer.WriteStartObject();
        writer.WriteNumber(Prompt, input);
        writer.WriteNumber(Completion, output);
        writer.WriteNumber(Total, usage.TotalTokenCount ?? input + output);
        writer.WriteStartObject(PromptDetails);
        writer.WriteNumber(Cached, usage.CachedInputTokenCount ?? 0);
        if ((usage as MeteredUsage)?.CacheWrite is { } written)
        {
            writer.WriteNumber(CacheWrite, written);
        }

        Write(writer, (usage as MeteredUsage)?.InputAudio);
        writer.WriteEndObject();
        writer.WriteStartObject(CompletionDetails);
        writer.WriteNumber(Reasoning, usage.ReasoningTokenCount ?? 0);
        Write(writer, (usage as MeteredUsage)?.OutputAudio);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, long? audio)
    {
        if (audio > 0)
        {
            writer.WriteNumber(Audio, audio.Value);
        }
    }
}
