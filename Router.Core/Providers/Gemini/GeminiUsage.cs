using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.Gemini;

/// <summary>Token counts: the prompt's include cached ones, the thoughts' stand beside the answer's and are added here.</summary>
internal static class GeminiUsage
{
    /// <param name="json">The object that holds them.</param>
    public static UsageDetails Read(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement usage = document.RootElement;
        long input = Count(usage, "promptTokenCount") + Count(usage, "toolUsePromptTokenCount");
        long thoughts = Count(usage, "thoughtsTokenCount");
        long output = Count(usage, "candidatesTokenCount") + thoughts;
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input + output,
            CachedInputTokenCount = Count(usage, "cachedContentTokenCount"),
            ReasoningTokenCount = thoughts,
        };
    }

    private static long Count(JsonElement usage, string name) => Math.Max(0, GeminiJson.Number(usage, name) ?? 0);
}
