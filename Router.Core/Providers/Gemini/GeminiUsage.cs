using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>Token counts: the prompt's include cached ones, the thoughts' stand beside the answer's and are added here.</summary>
internal static class GeminiUsage
{
    /// <param name="json">The object that holds them.</param>
    public static UsageDetails Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, JsonDepth.Reader);
        reader.Read();
        (long prompt, long tools, long thoughts, long candidates, long cached) = (0, 0, 0, 0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonReading.Is(ref reader, "promptTokenCount"u8))
            {
                prompt = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "toolUsePromptTokenCount"u8))
            {
                tools = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "thoughtsTokenCount"u8))
            {
                thoughts = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "candidatesTokenCount"u8))
            {
                candidates = Count(ref reader);
            }
            else if (JsonReading.Is(ref reader, "cachedContentTokenCount"u8))
            {
                cached = Count(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        long input = prompt + tools;
        long output = candidates + thoughts;
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input + output,
            CachedInputTokenCount = cached,
            ReasoningTokenCount = thoughts,
        };
    }

    private static long Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        long count = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) ? number : 0;
        reader.Skip();
        return Math.Max(0, count);
    }
}
