using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>What is guessed where nobody counted: from text, by one rule.</summary>
public sealed class EstimateTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3_000_000, 1)]
    [InlineData(1_000, 3)]
    public async Task An_image_is_a_thousand_tokens_however_many_bytes_it_has(int bytes, int images)
    {
        string image = Convert.ToBase64String(new byte[bytes]);
        string parts = string.Concat(Enumerable.Repeat($$$"""{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{image}}}","detail":"high"}},""", images));
        Assert.Equal(1_000 * images + 2, await PromptAsync($$"""{"model":"openai/gpt-4o","messages":[{"role":"user","content":[{{parts}}{"type":"text","text":"Describe"}]}]}"""));
    }

    [Theory]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}""", 1_000)]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}}""", 1_000)]
    [InlineData("""{"type":"text","text":"four"}""", 1)]
    [InlineData("""{"type":"text","text":"\u00e9\u00e9\n\ud83d\ude00"}""", 2)]
    [InlineData("""{"type":"text","text":"ééé€€"}""", 2)]
    public async Task A_part_counts_by_what_it_is(string part, long tokens) =>
        Assert.Equal(tokens, await PromptAsync($$"""{"model":"openai/gpt-4o","messages":[{"role":"user","content":[{{part}}]}]}"""));

    [Fact]
    public async Task What_is_no_part_of_the_prompt_does_not_count()
    {
        var body = JsonNode.Parse("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello there","name":"A"}],"stop":["a long sequence that stops it"],"user":"somebody with a long name"}""")!.AsObject();
        long? bare = await PromptAsync(body.ToJsonString());
        Assert.Equal(3, bare);
        body["provider_credentials"] = new JsonObject { ["openai"] = new JsonObject { ["api_key"] = "sim-good-" + new string('k', 3_000) } };
        body["metadata"] = new JsonObject { ["note"] = new string('m', 5_000), ["depth"] = 3 };
        body["ignore"] = new JsonArray([.. Enumerable.Range(0, 20).Select(i => (JsonNode)$"groq/some-model-nobody-knows-{i}")]);
        body["prompt_variables"] = new JsonObject { ["x"] = new string('v', 5_000) };
        body["fallback"] = new JsonObject { ["deadline"] = "30s" };
        body["extra_body"] = new JsonObject { ["models"] = new JsonArray("groq/openai/gpt-oss-120b"), ["byok_only"] = false };
        Assert.Equal(bare, await PromptAsync(body.ToJsonString()));
    }

    [Fact]
    public async Task Calls_results_and_tools_count_ids_and_signatures_do_not()
    {
        // 8 of the question, 7 and 12 of the call, 5 of the result; of the tool its members' names and texts, as the model reads them.
        long? messages = await PromptAsync("""
            {"model":"openai/gpt-4o","messages":[{"role":"user","content":"Weather?"},
            {"role":"assistant","content":null,"reasoning_content":"a long thought that is not sent again","tool_calls":[{"id":"call_0123456789012345678901234567890123456789","type":"function","function":{"name":"weather","arguments":"{\"at\":\"Rome\"}"}}]},
            {"role":"tool","tool_call_id":"call_0123456789012345678901234567890123456789","content":"sunny"}]}
            """);
        Assert.Equal((8 + 7 + 13 + 5 + 3) / 4, messages);
        long? tools = await PromptAsync("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Weather?"}],"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"at":{"type":"string"}}}}}]}""");
        Assert.InRange(tools!.Value, 15, 40);
    }

    [Fact]
    public void A_typed_prompt_is_guessed_by_the_same_rule()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.System, "12345678"),
            new(ChatRole.User, [new TextContent("1234"), new DataContent(new byte[100_000], "image/png"), new UriContent("https://example.org/a.png", "image/png")]),
            new(ChatRole.Assistant, [new FunctionCallContent("a-long-id-that-is-no-text", "call", new Dictionary<string, object?> { ["a"] = 1 })]),
            new(ChatRole.Tool, [new FunctionResultContent("a-long-id-that-is-no-text", "1234")]),
        ];
        // 8 + 4 + (4 + 7) + 4 characters, two images.
        Assert.Equal(7 + 2_000, TokenEstimate.OfPrompt(messages, null));
    }

    [Theory]
    [InlineData("{}", null, null)]
    [InlineData("""{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null}""", null, null)]
    [InlineData("""{"prompt_tokens":"12","completion_tokens":"3","total_tokens":"15"}""", null, null)]
    [InlineData("""{"prompt_tokens":1.5,"completion_tokens":[],"total_tokens":{}}""", null, null)]
    [InlineData("""{"total_time":0.05,"prompt_tokens_details":{"cached_tokens":3}}""", null, null)]
    [InlineData("null", null, null)]
    [InlineData("""{"prompt_tokens":50}""", 50L, null)]
    [InlineData("""{"completion_tokens":7}""", null, 7L)]
    [InlineData("""{"completion_tokens":7,"total_tokens":57}""", 50L, 7L)]
    [InlineData("""{"prompt_tokens":50,"total_tokens":57}""", 50L, 7L)]
    public async Task Half_a_count_is_filled_up_and_none_is_no_usage(string usage, long? input, long? output)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            // 400 characters in, 19 out.
            UsageRecord receipt = await AskAsync(
                $$"""{"model":"openai/gpt-4o","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"{{new string('x', 400)}}"}]}""",
                stream
                    ? $$$"""data: {"choices":[{"index":0,"delta":{"content":"Hello there, friend"},"finish_reason":null}]}{{{"\n\n"}}}data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}{{{"\n\n"}}}data: {"choices":[],"usage":{{{usage}}}}{{{"\n\n"}}}data: [DONE]{{{"\n\n"}}}"""
                    : $$$"""{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello there, friend"},"finish_reason":"stop"}],"usage":{{{usage}}}}""",
                stream);
            Assert.Equal((input ?? 100, output ?? 5, input is null || output is null), (receipt.InputTokens, receipt.OutputTokens, receipt.Estimated));
            // 2.50 and 10 USD per million.
            Assert.Equal((((input ?? 100) * 2.5m) + ((output ?? 5) * 10m)) / 1_000_000, receipt.ListPrice);
        }
    }

    [Fact]
    public async Task Of_an_answer_its_reasoning_and_its_calls_are_counted_once()
    {
        // 12 of reasoning, said under two names, then 4 of a name and 8 of arguments.
        UsageRecord receipt = await AskAsync(
            """{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""",
            """
            data: {"choices":[{"index":0,"delta":{"reasoning":"think a bit,","reasoning_content":"think a bit,"},"finish_reason":null}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_01234567890123456789","type":"function","function":{"name":"look","arguments":""}}]},"finish_reason":null}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":12}"}}]},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """,
            stream: true);
        Assert.Equal(6, receipt.OutputTokens);
    }

    /// <summary>What the prompt is estimated at.</summary>
    private async Task<long?> PromptAsync(string body) =>
        (await AskAsync(body, """{"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""", stream: false)).InputTokens;

    private async Task<UsageRecord> AskAsync(string body, string answer, bool stream)
    {
        var router = new ScriptedRouter(pipeline, (_, _) => stream ? ScriptedRouter.Events(answer) : ScriptedRouter.Json(answer));
        ChatRequest request = pipeline.Request(body);
        await router.AskAsync(request, Cancel);
        UsageRecord receipt = Assert.Single(WireReceipts.Of(pipeline, request.Options.Request));
        Assert.Equal(receipt.InputTokens + receipt.OutputTokens, request.Options.Request.Tokens);
        return receipt;
    }
}
