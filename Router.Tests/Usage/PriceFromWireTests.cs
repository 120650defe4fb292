using System.Net;
using System.Text.Json.Nodes;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>From the bytes a provider answers with to the receipt, for each provider and kind of token, as JSON and as a stream. The amounts are worked out by hand.</summary>
public sealed class PriceFromWireTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Plain = """{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}""";
    private const string Cached = """{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":400}}""";
    private const string Written = """{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":200}}""";
    private const string Within = """{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"completion_tokens_details":{"reasoning_tokens":60}}""";
    private const string Beside = """{"prompt_tokens":1000,"completion_tokens":40,"total_tokens":1100,"completion_tokens_details":{"reasoning_tokens":60}}""";
    private const string Image = """{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"image_tokens":765,"cached_tokens":0}}""";
    private const string Audio = """{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"audio_tokens":300}}""";

    private const string ClaudePlain = """{"input_tokens":1000,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":100}""";
    private const string ClaudeCached = """{"input_tokens":600,"cache_creation_input_tokens":0,"cache_read_input_tokens":400,"output_tokens":100}""";
    private const string ClaudeWritten = """{"input_tokens":800,"cache_creation_input_tokens":200,"cache_read_input_tokens":0,"output_tokens":100}""";
    private const string ClaudeWrittenLong = """{"input_tokens":800,"cache_creation_input_tokens":200,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":50,"ephemeral_1h_input_tokens":150},"output_tokens":100}""";
    private const string ClaudeThought = """{"input_tokens":1000,"output_tokens":100,"output_tokens_details":{"thinking_tokens":60}}""";

    private const string GeminiPlain = """{"promptTokenCount":1000,"candidatesTokenCount":100,"totalTokenCount":1100}""";
    private const string GeminiCached = """{"promptTokenCount":1000,"cachedContentTokenCount":400,"candidatesTokenCount":100,"totalTokenCount":1100}""";
    private const string GeminiThought = """{"promptTokenCount":1000,"candidatesTokenCount":40,"thoughtsTokenCount":60,"totalTokenCount":1100}""";
    private const string GeminiImage = """{"promptTokenCount":1000,"candidatesTokenCount":100,"totalTokenCount":1100,"promptTokensDetails":[{"modality":"TEXT","tokenCount":742},{"modality":"IMAGE","tokenCount":258}]}""";
    private const string GeminiAudio = """{"promptTokenCount":1000,"candidatesTokenCount":100,"totalTokenCount":1100,"promptTokensDetails":[{"modality":"TEXT","tokenCount":700},{"modality":"AUDIO","tokenCount":300}]}""";

    /// <summary>400 characters: a hundred tokens where nobody counts.</summary>
    private static readonly string Text = new('x', 400);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>USD per million in, out, read, written stand beside the first row of each.</summary>
    public static TheoryData<string, string, string, decimal> Counted() => new()
    {
        // 2, 12, 0.20, 2.50
        { "openai/gpt-5.6-terra", "plain", Plain, 0.0032m }, // 1000×2 + 100×12
        { "openai/gpt-5.6-terra", "cached", Cached, 0.00248m }, // 600×2 + 400×0.20 + 100×12
        { "openai/gpt-5.6-terra", "written", Written, 0.0033m }, // 800×2 + 200×2.50 + 100×12
        { "openai/gpt-5.6-terra", "reasoning", Within, 0.0032m },
        { "openai/gpt-5.6-terra", "image", Image, 0.0032m },
        { "openai/gpt-5.6-terra", "audio", Audio, 0.0032m },

        // 0.35, 0.75
        { "cerebras/gpt-oss-120b", "plain", Plain, 0.000425m }, // 350 + 75
        { "cerebras/gpt-oss-120b", "cached", Cached, 0.000425m },
        { "cerebras/gpt-oss-120b", "written", Written, 0.000425m },
        { "cerebras/gpt-oss-120b", "reasoning", Within, 0.000425m },
        { "cerebras/gpt-oss-120b", "image", Image, 0.000425m },
        { "cerebras/gpt-oss-120b", "audio", Audio, 0.000425m },

        // 0.15, 1.15, 0.03, 0.375
        { "deepinfra/MiniMaxAI/MiniMax-M2.5", "plain", Plain, 0.000265m }, // 150 + 115
        { "deepinfra/MiniMaxAI/MiniMax-M2.5", "cached", Cached, 0.000217m }, // 90 + 12 + 115
        { "deepinfra/MiniMaxAI/MiniMax-M2.5", "written", Written, 0.00031m }, // 120 + 75 + 115
        { "deepinfra/MiniMaxAI/MiniMax-M2.5", "reasoning", Beside, 0.000265m },
        { "deepinfra/MiniMaxAI/MiniMax-M2.5", "image", Image, 0.000265m },
        { "deepinfra/MiniMaxAI/MiniMax-M2.5", "audio", Audio, 0.000265m },

        // 1.40, 4.40, 0.26
        { "fireworks/accounts/fireworks/models/glm-5p3", "plain", Plain, 0.00184m }, // 1400 + 440
        { "fireworks/accounts/fireworks/models/glm-5p3", "cached", Cached, 0.001384m }, // 840 + 104 + 440
        { "fireworks/accounts/fireworks/models/glm-5p3", "written", Written, 0.00184m },
        { "fireworks/accounts/fireworks/models/glm-5p3", "reasoning", Within, 0.00184m },
        { "fireworks/accounts/fireworks/models/glm-5p3", "image", Image, 0.00184m },
        { "fireworks/accounts/fireworks/models/glm-5p3", "audio", Audio, 0.00184m },

        // 0.50, 1.50
        { "mistral/mistral-large-latest", "plain", Plain, 0.00065m }, // 500 + 150
        { "mistral/mistral-large-latest", "cached", Cached, 0.00065m },
        { "mistral/mistral-large-latest", "written", Written, 0.00065m },
        { "mistral/mistral-large-latest", "reasoning", Within, 0.00065m },
        { "mistral/mistral-large-latest", "image", Image, 0.00065m },
        { "mistral/mistral-large-latest", "audio", Audio, 0.00065m },

        // 0.15, 0.60, 0.075
        { "groq/openai/gpt-oss-120b", "plain", Plain, 0.00021m }, // 150 + 60
        { "groq/openai/gpt-oss-120b", "cached", Cached, 0.00018m }, // 90 + 30 + 60
        { "groq/openai/gpt-oss-120b", "written", Written, 0.00021m },
        { "groq/openai/gpt-oss-120b", "reasoning", Within, 0.00021m },
        { "groq/openai/gpt-oss-120b", "image", Image, 0.00021m },
        { "groq/openai/gpt-oss-120b", "audio", Audio, 0.00021m },

        // 1.25, 2.50, 0.20
        { "xai/grok-4.3", "plain", Plain, 0.0015m }, // 1250 + 250
        { "xai/grok-4.3", "cached", Cached, 0.00108m }, // 750 + 80 + 250
        { "xai/grok-4.3", "written", Written, 0.0015m },
        { "xai/grok-4.3", "reasoning", Beside, 0.0015m },
        { "xai/grok-4.3", "image", Image, 0.0015m },
        { "xai/grok-4.3", "audio", Audio, 0.0015m },
        { "google-vertex/xai/grok-4.3", "plain", Plain, 0.0015m },
        { "google-vertex/xai/grok-4.3", "cached", Cached, 0.00108m },
        { "google-vertex/xai/grok-4.3", "reasoning", Beside, 0.0015m },

        // 0.09, 0.36
        { "google-vertex/openai/gpt-oss-120b-maas", "plain", Plain, 0.000126m }, // 90 + 36
        { "google-vertex/openai/gpt-oss-120b-maas", "reasoning", Within, 0.000126m },

        // 3, 15, 0.30, 3.75, for an hour 6
        { "anthropic/claude-sonnet-4-5", "plain", ClaudePlain, 0.0045m }, // 3000 + 1500
        { "anthropic/claude-sonnet-4-5", "cached", ClaudeCached, 0.00342m }, // 1800 + 120 + 1500
        { "anthropic/claude-sonnet-4-5", "written", ClaudeWritten, 0.00465m }, // 2400 + 750 + 1500
        { "anthropic/claude-sonnet-4-5", "written for an hour", ClaudeWrittenLong, 0.0049875m }, // 2400 + 50×3.75 + 150×6 + 1500
        { "anthropic/claude-sonnet-4-5", "reasoning", ClaudeThought, 0.0045m },
        { "anthropic/claude-sonnet-4-5", "image", ClaudePlain, 0.0045m },
        { "google-vertex/claude-sonnet-4-5@20250929", "plain", ClaudePlain, 0.0045m },
        { "google-vertex/claude-sonnet-4-5@20250929", "cached", ClaudeCached, 0.00342m },
        { "google-vertex/claude-sonnet-4-5@20250929", "written", ClaudeWritten, 0.00465m },
        { "google-vertex/claude-sonnet-4-5@20250929", "written for an hour", ClaudeWrittenLong, 0.0049875m },
        { "google-vertex/claude-sonnet-4-5@20250929", "reasoning", ClaudeThought, 0.0045m },
        { "google-vertex/claude-sonnet-4-5@20250929", "image", ClaudePlain, 0.0045m },

        // 0.30, 2.50, 0.03, audio 1
        { "google-ai-studio/gemini-2.5-flash", "plain", GeminiPlain, 0.00055m }, // 300 + 250
        { "google-ai-studio/gemini-2.5-flash", "cached", GeminiCached, 0.000442m }, // 180 + 12 + 250
        { "google-ai-studio/gemini-2.5-flash", "reasoning", GeminiThought, 0.00055m },
        { "google-ai-studio/gemini-2.5-flash", "image", GeminiImage, 0.00055m },
        { "google-ai-studio/gemini-2.5-flash", "audio", GeminiAudio, 0.00076m }, // 210 + 300 + 250

        // the same, but 0.075
        { "google-vertex/gemini-2.5-flash", "plain", GeminiPlain, 0.00055m },
        { "google-vertex/gemini-2.5-flash", "cached", GeminiCached, 0.00046m }, // 180 + 30 + 250
        { "google-vertex/gemini-2.5-flash", "reasoning", GeminiThought, 0.00055m },
        { "google-vertex/gemini-2.5-flash", "image", GeminiImage, 0.00055m },
        { "google-vertex/gemini-2.5-flash", "audio", GeminiAudio, 0.00076m },
    };

    /// <summary>A hundred tokens of prompt where none are counted before the end, and 19 characters of answer: five tokens.</summary>
    public static TheoryData<string, long, decimal> CutStreams() => new()
    {
        { "openai/gpt-5.6-terra", 100, 0.00026m }, // 200 + 60
        { "cerebras/gpt-oss-120b", 100, 0.00003875m }, // 35 + 3.75
        { "deepinfra/MiniMaxAI/MiniMax-M2.5", 100, 0.00002075m }, // 15 + 5.75
        { "fireworks/accounts/fireworks/models/glm-5p3", 100, 0.000162m }, // 140 + 22
        { "mistral/mistral-large-latest", 100, 0.0000575m }, // 50 + 7.5
        { "groq/openai/gpt-oss-120b", 100, 0.000018m }, // 15 + 3
        { "xai/grok-4.3", 100, 0.0001375m }, // 125 + 12.5
        { "google-vertex/xai/grok-4.3", 100, 0.0001375m },
        // These count what went in at the beginning: 600 fresh, 400 from the cache.
        { "anthropic/claude-sonnet-4-5", 1000, 0.001995m }, // 1800 + 120 + 75
        { "google-vertex/claude-sonnet-4-5@20250929", 1000, 0.001995m },
        { "google-ai-studio/gemini-2.5-flash", 1000, 0.0002045m }, // 180 + 12 + 12.5
        { "google-vertex/gemini-2.5-flash", 1000, 0.0002225m }, // 180 + 30 + 12.5
    };

    [Theory]
    [MemberData(nameof(Counted))]
    public async Task What_a_provider_counts_is_what_the_receipt_says_and_costs(string model, string kind, string usage, decimal usd)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            UsageRecord receipt = Assert.Single(await ReceiptsAsync(model, kind, stream, whole: true, usage));
            Assert.Equal((1000L, 100L, false), (receipt.InputTokens, receipt.OutputTokens, receipt.Estimated));
            Assert.Equal((kind == "cached" ? 400 : 0, kind == "reasoning" ? 60 : 0), (receipt.CachedTokens, receipt.ReasoningTokens));
            Assert.Equal((kind.StartsWith("written", StringComparison.Ordinal) ? 200 : 0, kind == "written for an hour" ? 150 : 0), (receipt.CacheWriteTokens, receipt.CacheWriteLongTokens));
            Assert.Equal(usd, receipt.ListPrice);
            Assert.Equal(usd, receipt.Charge);
            Assert.Equal("standard", receipt.PriceTier);
        }
    }

    [Theory]
    [MemberData(nameof(CutStreams))]
    public async Task What_came_of_a_stream_that_was_cut_is_estimated_from_its_text(string model, long input, decimal usd)
    {
        UsageRecord receipt = Assert.Single(await ReceiptsAsync(model, "cached", stream: true, whole: false, ""));
        Assert.Equal((input, 5L, true), (receipt.InputTokens, receipt.OutputTokens, receipt.Estimated));
        Assert.Equal(input == 1000 ? 400 : 0, receipt.CachedTokens);
        Assert.Equal(usd, receipt.ListPrice);
    }

    private async Task<List<UsageRecord>> ReceiptsAsync(string model, string kind, bool stream, bool whole, string usage)
    {
        var router = new ScriptedRouter(pipeline, (sent, _) =>
            sent.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal) ? ScriptedRouter.Json("""{"access_token":"ya29.t","expires_in":3599}""")
            : stream ? ScriptedRouter.Events(Streamed(model, usage, whole)) : ScriptedRouter.Json(Answer(model, usage), HttpStatusCode.OK));
        JsonArray content = [new JsonObject { ["type"] = "text", ["text"] = Text }];
        if (kind is "image")
        {
            content.Add(JsonNode.Parse("""{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}"""));
        }
        else if (kind is "audio")
        {
            content.Add(JsonNode.Parse("""{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}"""));
        }

        ChatRequest request = pipeline.Request(new JsonObject
        {
            ["model"] = model,
            ["stream"] = stream,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = content }),
        }.ToJsonString());
        try
        {
            Assert.NotEmpty(await router.AskAsync(request, Cancel));
            Assert.True(whole);
        }
        catch (ProviderException)
        {
            Assert.False(whole);
        }

        return WireReceipts.Of(pipeline, request.Options.Request);
    }

    private static bool IsClaude(string model) => model.Contains("claude", StringComparison.Ordinal);

    private static bool IsGemini(string model) => model.Contains("/gemini", StringComparison.Ordinal);

    private static string Answer(string model, string usage) =>
        IsClaude(model) ? $$"""{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","usage":{{usage}}}"""
        : IsGemini(model) ? $$"""{"candidates":[{"content":{"role":"model","parts":[{"text":"fine"}]},"finishReason":"STOP","index":0}],"usageMetadata":{{usage}}}"""
        : $$"""{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{{usage}}}""";

    private static string Streamed(string model, string usage, bool whole) =>
        IsClaude(model) ? Claude(usage, whole) : IsGemini(model) ? Gemini(usage, whole) : OpenAI(usage, whole);

    private static string OpenAI(string usage, bool whole) => Events(
        """{"id":"x","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
        """{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"Hello "},"finish_reason":null}]}""",
        """{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"there, friend"},"finish_reason":null}]}""",
        whole ? """{"id":"x","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" : "",
        whole ? $$"""{"id":"x","model":"m","choices":[],"usage":{{usage}}}""" : "",
        whole ? "[DONE]" : "");

    private static string Claude(string usage, bool whole) => Events(
        """{"type":"message_start","message":{"id":"m","role":"assistant","model":"m","content":[],"usage":{"input_tokens":600,"cache_read_input_tokens":400,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello "}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"there, friend"}}""",
        whole ? """{"type":"content_block_stop","index":0}""" : "",
        whole ? $$"""{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{{Full(usage)}}}""" : "",
        whole ? """{"type":"message_stop"}""" : "");

    /// <summary>Later counts replace earlier ones member by member: the last says all of them.</summary>
    private static string Full(string usage)
    {
        JsonObject counts = JsonNode.Parse(usage)!.AsObject();
        counts.TryAdd("cache_read_input_tokens", 0);
        return counts.ToJsonString();
    }

    private static string Gemini(string usage, bool whole) => Events(
        """{"candidates":[{"content":{"role":"model","parts":[{"text":"Hello "}]},"index":0}],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":400,"candidatesTokenCount":1,"totalTokenCount":1001}}""",
        """{"candidates":[{"content":{"role":"model","parts":[{"text":"there, friend"}]},"index":0}],"usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":400,"candidatesTokenCount":2,"totalTokenCount":1002}}""",
        whole ? $$"""{"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}],"usageMetadata":{{usage}}}""" : "");

    private static string Events(params string[] events) => string.Concat(events.Where(data => data.Length > 0).Select(data => $"data: {data}\n\n"));
}
