using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.AI;
using Router.Core.Providers.Anthropic;
using Router.Core.Providers.Gemini;

namespace Router.Tests.Dialects;

/// <summary>Counts read in one pass are those a document holds.</summary>
public sealed class UsageReaderTests
{
    private static readonly Gen<string> Value = Gen.Frequency((6, Gen.Int[-2, 50].Select(count => $"{count}")), (1, One("null", "2.5", "\"7\"", "[3]", "{\"thinking_tokens\":4}", "1e99")));

    private static readonly Gen<string> Anthropic = Members("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "thinking_tokens", "output_tokens_details", "other", "in\\u0070ut_tokens");

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

        long cached = counts.GetValueOrDefault("cache_read_input_tokens");
        long written = counts.GetValueOrDefault("cache_creation_input_tokens");
        UsageDetails? usage = read.ToDetails();
        Assert.Equal(counts.Count > 0, usage is not null);
        if (usage is not null)
        {
            Assert.Equal(
                (counts.GetValueOrDefault("input_tokens") + cached + written, counts.GetValueOrDefault("output_tokens"), cached, counts.TryGetValue("thinking_tokens", out long thoughts) ? thoughts : (long?)null, written > 0),
                (usage.InputTokenCount, usage.OutputTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount, usage.AdditionalCounts is not null));
        }
    });

    [Fact]
    public void Of_Gemini() => Gemini.Sample(json =>
    {
        using JsonDocument document = JsonDocument.Parse(json);
        long Count(string name) => Math.Max(0, document.RootElement.TryGetProperty(name, out JsonElement value) ? Number(value) ?? 0 : 0);
        UsageDetails usage = GeminiUsage.Read(Encoding.UTF8.GetBytes(json));
        Assert.Equal(
            (Count("promptTokenCount") + Count("toolUsePromptTokenCount"), Count("candidatesTokenCount") + Count("thoughtsTokenCount"), Count("cachedContentTokenCount"), Count("thoughtsTokenCount")),
            (usage.InputTokenCount, usage.OutputTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
    });

    private static long? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) ? count : null;

    private static Gen<string> Members(params string[] names) =>
        Gen.Select(One(names), Value, (name, value) => $"\"{name}\" : {value}").Array[0, 6].Select(members => $"{{{string.Join(',', members)}}}");

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
