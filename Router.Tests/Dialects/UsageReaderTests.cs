using System.Text;
using System.Text.Json;
using CsCheck;
using Router.Core.Providers;
using Router.Core.Providers.Anthropic;
using Router.Core.Providers.Gemini;

namespace Router.Tests.Dialects;

/// <summary>Counts read in one pass are those a document holds.</summary>
public sealed class UsageReaderTests
{
    private static readonly Gen<string> Value = Gen.Frequency((6, Gen.Int[-2, 50].Select(count => $"{count}")), (1, One("null", "2.5", "\"7\"", "[3]", "{\"thinking_tokens\":4}", "1e99")));

    private static readonly Gen<string> Anthropic = Members("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens_details", "other", "in\\u0070ut_tokens");

    private static readonly Gen<string> Gemini = Members("promptTokenCount", "toolUsePromptTokenCount", "thoughtsTokenCount", "candidatesTokenCount", "cachedContentTokenCount", "totalTokenCount");

    [Fact]
    public void Of_Anthropic() => Gen.Select(Anthropic, Anthropic).Sample((first, second) =>
    {
        var read = new AnthropicUsage();
        var counts = new Dictionary<string, long>();
        foreach (string json in (string[])[first, second])
        {
            read.Read(Encoding.UTF8.GetBytes(json));
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (Number(member.Value) is { } count)
                {
                    counts[member.Name] = count;
                }
            }

            if (document.RootElement.TryGetProperty("output_tokens_details", out JsonElement details) && details.ValueKind == JsonValueKind.Object)
            {
                counts["thinking_tokens"] = details.GetProperty("thinking_tokens").GetInt64();
            }
        }

        long? input = Sum("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens");
        long? output = Sum("output_tokens");
        MeteredUsage? usage = read.Whole;
        Assert.Equal(input is not null || output is not null, usage is not null);
        if (usage is not null)
        {
            Assert.Equal(
                (input, output, Sum("cache_read_input_tokens"), Sum("thinking_tokens"), Sum("cache_creation_input_tokens") is not (null or 0)),
                (usage.InputTokenCount, usage.OutputTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount, usage.CacheWrite is not null));
        }

        long? Sum(params string[] names) => names.Any(counts.ContainsKey) ? names.Sum(name => counts.GetValueOrDefault(name)) : null;
    });

    [Fact]
    public void Of_Gemini() => Gemini.Sample(json =>
    {
        using JsonDocument document = JsonDocument.Parse(json);
        long? Count(string name) => document.RootElement.TryGetProperty(name, out JsonElement value) && Number(value) is { } count ? Math.Max(0, count) : null;
        MeteredUsage? usage = GeminiUsage.Read(Encoding.UTF8.GetBytes(json));
        (long? prompt, long? thoughts, long? candidates, long? total) = (Count("promptTokenCount"), Count("thoughtsTokenCount"), Count("candidatesTokenCount"), Count("totalTokenCount"));
        Assert.Equal(prompt is null && thoughts is null && candidates is null && total is null, usage is null);
        if (usage is null)
        {
            return;
        }

        Assert.Equal((Count("cachedContentTokenCount") ?? 0, thoughts ?? 0), (usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        if (prompt is not null)
        {
            Assert.Equal(prompt + (Count("toolUsePromptTokenCount") ?? 0), usage.InputTokenCount);
        }

        if (candidates is not null || thoughts is not null)
        {
            Assert.Equal((candidates ?? 0) + (thoughts ?? 0), usage.OutputTokenCount);
        }

        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
    });

    private static long? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) ? count : null;

    private static Gen<string> Members(params string[] names) =>
        Gen.Select(One(names), Value, (name, value) => $"\"{name}\" : {value}").Array[0, 6].Select(members => $"{{{string.Join(',', members)}}}");

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
