using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.Gemini;

/// <summary>Token counts: the prompt's include cached ones, the thoughts' stand beside the answer's and are added here.</summary>
internal static class GeminiUsage
{
    public static UsageDetails? Read(JsonElement root)
    {
        if (GeminiJson.Member(root, "usageMetadata") is not { ValueKind: JsonValueKind.Object } usage)
        {
            return null;
        }

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
