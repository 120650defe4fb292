using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Core.Providers.OpenAI;
using Router.Core.Usage;
using Router.Core.Wire;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>Answers as real providers gave them, and what their receipts must say.</summary>
public sealed class RecordedUsageTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string GrokUsage = """{"prompt_tokens":10,"completion_tokens":50,"total_tokens":400,"prompt_tokens_details":{"text_tokens":10,"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":340}}""";

    private const string ToolFault = """
        {"candidates":[{"content":{"parts":[{"functionCall":{"args":{},"name":"list_files"}}],"role":"model"},"finishMessage":"Unexpected tool call","finishReason":"UNEXPECTED_TOOL_CALL"}],
        "usageMetadata":{"candidatesTokenCount":3,"promptTokenCount":22,"thoughtsTokenCount":142,"totalTokenCount":167}}
        """;

    private static string OneLine => ToolFault.ReplaceLineEndings("");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Grok_counts_reasoning_beside_its_completion_and_it_is_paid_for()
    {
        ChatRequest request = Request("xai/grok-4.3");
        await new ScriptedRouter(pipeline, (_, _) => ScriptedRouter.Json(
            $$"""{"id":"x","object":"chat.completion","created":1,"model":"grok-4.3","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null},"finish_reason":"stop"}],"usage":{{GrokUsage}}}""")).AskAsync(request, Cancel);
        UsageRecord receipt = Assert.Single(WireReceipts.Of(pipeline, request.Options.Request));
        Assert.Equal((10L, 3L, 390L, 340L, false), (receipt.InputTokens, receipt.CachedTokens, receipt.OutputTokens, receipt.ReasoningTokens, receipt.Estimated));
        Assert.Equal(0.00098435m, receipt.ListPrice); // 7×1.25 + 3×0.20 + 390×2.50
        Assert.Equal(400, request.Options.Request.Tokens);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":2,"total_tokens":127,"completion_tokens_details":{"reasoning_tokens":95}}""", 97)]
    [InlineData("""{"prompt_tokens":19,"completion_tokens":84,"total_tokens":1184,"completion_tokens_details":{"reasoning_tokens":1081}}""", 1165)]
    [InlineData("""{"prompt_tokens":19,"completion_tokens":84,"completion_tokens_details":{"reasoning_tokens":1081}}""", 1165)]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":97,"total_tokens":127,"completion_tokens_details":{"reasoning_tokens":95}}""", 97)]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":97,"completion_tokens_details":{"reasoning_tokens":95}}""", 97)]
    [InlineData("""{"prompt_tokens":30,"completion_tokens":50,"total_tokens":80,"completion_tokens_details":{"reasoning_tokens":0}}""", 50)]
    public void An_answers_own_usage_says_what_its_receipt_says(string usage, long output)
    {
        string whole = $$"""{ "id":"x", "n":1.0, "choices":[{"index":0,"message":{"role":"assistant","content":"é"},"finish_reason":"stop"}],"usage":{{usage}}, "y":"z" }""";
        byte[] bytes = Encoding.UTF8.GetBytes(whole);
        ProviderTable.TryFind("xai", out ProviderDefinition? xai);
        ChatResponse answer = OpenAIResponse.Read(bytes, bytes.Length, new HttpResponseMessage(), xai!, null);
        Assert.Equal(output, answer.Usage!.OutputTokenCount);
        string sent = Encoding.UTF8.GetString(((WireResponse)answer.RawRepresentation!).Body.Text.Span);
        Assert.Contains($"\"completion_tokens\":{output},", sent, StringComparison.Ordinal);
        // Nothing else of it changes.
        long said = System.Text.Json.Nodes.JsonNode.Parse(usage)!["completion_tokens"]!.GetValue<long>();
        Assert.Equal(whole, sent.Replace($"\"completion_tokens\":{output},", $"\"completion_tokens\":{said},", StringComparison.Ordinal));

        var chunks = new OpenAIChunkReader(contentParts: false);
        Assert.True(chunks.TryParse(Encoding.UTF8.GetBytes($$"""{"choices":[],"usage":{{usage}}}"""), out JsonObject? chunk));
        ChatResponseUpdate update = chunks.Read(chunk);
        Assert.Equal(output, AttemptChatClient.Usage(update)!.OutputTokenCount);
        Assert.Contains($"\"completion_tokens\":{output},", Encoding.UTF8.GetString(((WireChunk)update.RawRepresentation!).Body.Text.Span), StringComparison.Ordinal);
        Assert.True(((WireChunk)update.RawRepresentation!).UsageOnly);
    }

    [Theory]
    [InlineData("""{"input_tokens":3,"cache_creation_input_tokens":100000,"cache_read_input_tokens":0,"output_tokens":1}""", 0.375024)] // 3×3 + 100000×3.75 + 15
    [InlineData("""{"input_tokens":2000,"cache_creation_input_tokens":100000,"cache_read_input_tokens":0,"output_tokens":1000}""", 0.396)] // 6000 + 375000 + 15000
    [InlineData("""{"input_tokens":3,"cache_creation_input_tokens":100000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":100000},"output_tokens":1}""", 0.600024)] // 100000×6
    [InlineData("""{"input_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":40000,"ephemeral_1h_input_tokens":60000},"output_tokens":1}""", 0.510024)] // 40000×3.75 + 60000×6
    public async Task What_Claude_writes_to_its_cache_has_its_own_price(string usage, double usd)
    {
        ChatRequest request = Request("anthropic/claude-sonnet-4-5");
        await new ScriptedRouter(pipeline, (_, _) => ScriptedRouter.Json(
            $$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{usage}}}""")).AskAsync(request, Cancel);
        Assert.Equal((decimal)usd, Assert.Single(WireReceipts.Of(pipeline, request.Options.Request)).ListPrice);
    }

    [Theory]
    [InlineData("google-vertex/gemini-3-flash-preview", false)]
    [InlineData("google-ai-studio/gemini-3-flash-preview", false)]
    [InlineData("google-ai-studio/gemini-3-flash-preview", true)]
    public async Task An_answer_that_Gemini_ends_with_a_fault_keeps_its_counts(string model, bool stream)
    {
        ChatRequest request = Request(model, stream);
        var router = new ScriptedRouter(pipeline, (sent, _) => sent.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal)
            ? ScriptedRouter.Json("""{"access_token":"ya29.t","expires_in":3599}""")
            : stream ? ScriptedRouter.Events($"data: {OneLine}\n\n") : ScriptedRouter.Json(ToolFault));
        await Assert.ThrowsAnyAsync<Exception>(() => router.AskAsync(request, Cancel));
        List<UsageRecord> receipts = WireReceipts.Of(pipeline, request.Options.Request);
        Assert.Equal(2, receipts.Count);
        Assert.All(receipts, receipt => Assert.Equal((22L, 145L, 142L, false), (receipt.InputTokens, receipt.OutputTokens, receipt.ReasoningTokens, receipt.Estimated)));
        Assert.All(receipts, receipt => Assert.True(receipt.ListPrice > 0));
    }

    [Theory]
    [InlineData("openai/gpt-4o", """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hel"},"finish_reason":null}],"usage":{"prompt_tokens":22,"completion_tokens":145,"total_tokens":167}}""")]
    [InlineData("mistral/mistral-large-latest", """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hel"},"finish_reason":"error"}],"usage":{"prompt_tokens":22,"completion_tokens":145,"total_tokens":167}}""")]
    [InlineData("anthropic/claude-sonnet-4-5", """{"type":"message","content":[{"type":"text","text":"Hel"}],"stop_reason":null,"usage":{"input_tokens":22,"output_tokens":145}}""")]
    [InlineData("google-ai-studio/gemini-2.5-flash", """{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}],"usageMetadata":{"promptTokenCount":22,"candidatesTokenCount":145,"totalTokenCount":167}}""")]
    public async Task An_answer_that_is_not_whole_keeps_its_counts_too(string model, string body)
    {
        ChatRequest request = Request(model);
        var router = new ScriptedRouter(pipeline, (_, _) => ScriptedRouter.Json(body));
        await Assert.ThrowsAnyAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.All(WireReceipts.Of(pipeline, request.Options.Request), receipt => Assert.Equal((22L, 145L, false), (receipt.InputTokens, receipt.OutputTokens, receipt.Estimated)));
    }

    [Theory]
    [InlineData("complete", true)]
    [InlineData("complete", false)]
    [InlineData("first_content", false)]
    public async Task A_stream_has_its_first_token_when_it_came_and_its_tokens_though_it_was_held(string commit, bool whole)
    {
        const string Piece = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"eight ch\"},\"finish_reason\":null}]}\n\n";
        const string End = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        var clock = new FakeTimeProvider();
        string[] pieces = whole ? [Piece, Piece, Piece, End] : [Piece, Piece, Piece];
        var router = new ScriptedRouter(
            pipeline,
            (_, _) => new HttpResponseMessage { Content = new StreamContent(new PacedStream(pieces, TimeSpan.FromSeconds(4), clock)) { Headers = { ContentType = new("text/event-stream") } } },
            time: clock);
        ChatRequest request = pipeline.Request($$$"""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"{{{new string('x', 400)}}}"}],"fallback":{"commit":"{{{commit}}}"}}""");
        if (whole)
        {
            await router.AskAsync(request, Cancel);
        }
        else
        {
            await Assert.ThrowsAnyAsync<Exception>(() => router.AskAsync(request, Cancel));
        }

        foreach (UsageRecord receipt in WireReceipts.Of(pipeline, request.Options.Request))
        {
            // Three pieces of eight characters.
            Assert.Equal((100L, 6L, true), (receipt.InputTokens, receipt.OutputTokens, receipt.Estimated));
            Assert.InRange(receipt.TimeToFirstTokenMs!.Value, 3_900, 7_900);
            Assert.InRange(receipt.DurationMs, 11_900, 20_000);
        }
    }

    [Theory]
    [InlineData("openai/gpt-4o")]
    [InlineData("anthropic/claude-sonnet-4-5")]
    [InlineData("google-ai-studio/gemini-2.5-flash")]
    public async Task A_held_stream_whose_caller_left_has_its_tokens(string model)
    {
        using var leaving = new CancellationTokenSource();
        string text = new('y', 40);
        string piece =
            model.StartsWith("openai", StringComparison.Ordinal) ? $$$"""{"choices":[{"index":0,"delta":{"content":"{{{text}}}"},"finish_reason":null}]}"""
            : model.StartsWith("google", StringComparison.Ordinal) ? $$$"""{"candidates":[{"content":{"role":"model","parts":[{"text":"{{{text}}}"}]},"index":0}]}"""
            : $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{{text}}}"}}""";
        var clock = new FakeTimeProvider();
        var router = new ScriptedRouter(
            pipeline,
            (_, _) => new HttpResponseMessage { Content = new StreamContent(new LeavingStream([$"data: {piece}\n\n", $"data: {piece}\n\n"], leaving)) { Headers = { ContentType = new("text/event-stream") } } },
            time: clock);
        ChatRequest request = pipeline.Request($$$"""{"model":"{{{model}}}","stream":true,"messages":[{"role":"user","content":"{{{new string('x', 400)}}}"}],"fallback":{"commit":"complete"}}""");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => router.AskAsync(request, leaving.Token));
        UsageRecord receipt = Assert.Single(WireReceipts.Of(pipeline, request.Options.Request));
        Assert.Equal(("cancelled", 100L, 20L, true), (receipt.Outcome, receipt.InputTokens, receipt.OutputTokens, receipt.Estimated));
        Assert.NotNull(receipt.TimeToFirstTokenMs);
    }

    private ChatRequest Request(string model, bool stream = false) =>
        pipeline.Request($$$$$"""{"model":"{{{{{model}}}}}","stream":{{{{{(stream ? "true" : "false")}}}}},"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"get_file","parameters":{"type":"object","properties":{}}}}]}""");

    /// <summary>Gives its pieces; then the caller leaves, and nothing more comes.</summary>
    private sealed class LeavingStream(string[] pieces, CancellationTokenSource leaving) : Stream
    {
        private int _next;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_next < pieces.Length)
            {
                return Encoding.UTF8.GetBytes(pieces[_next++], buffer.Span);
            }

            await leaving.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
