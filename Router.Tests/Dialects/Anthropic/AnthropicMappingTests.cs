using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Providers.Anthropic;
using Router.Core.Providers.OpenAI;
using Router.Tests.Support;

namespace Router.Tests.Dialects.Anthropic;

public sealed class AnthropicMappingTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    [Theory]
    [InlineData("claude-sonnet-4-5", """ "messages":[{"role":"system","content":"S"},{"role":"user","content":"U"}],"temperature":1.5,"stop":["a"," "],"user":"u" """,
        """{"max_tokens":64000,"system":[{"type":"text","text":"S"}],"messages":[{"role":"user","content":[{"type":"text","text":"U"}]}],"temperature":1,"stop_sequences":["a"],"metadata":{"user_id":"u"}}""", "temperature stop")]
    [InlineData("claude-opus-4-8", """ "messages":[{"role":"user","content":"U"}],"temperature":0.5,"max_tokens":100,"reasoning_effort":"xhigh" """,
        """{"max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"U"}]}],"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"xhigh"}}""", "temperature")]
    [InlineData("claude-sonnet-4-5@20250929", """ "messages":[{"role":"user","content":"U"}],"max_tokens":4000,"reasoning_effort":"high" """,
        """{"max_tokens":4000,"messages":[{"role":"user","content":[{"type":"text","text":"U"}]}],"thinking":{"type":"enabled","budget_tokens":3000}}""", "")]
    [InlineData("claude-opus-5-5", """ "messages":[{"role":"user","content":"U"}],"max_tokens":9,"reasoning_effort":"none","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required","parallel_tool_calls":false """,
        """{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"U"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true},"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}""", "reasoning_effort tool_choice")]
    [InlineData("claude-3-5-sonnet-20241022", """ "messages":[{"role":"user","content":[{"type":"text","text":"U","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]}],"seed":1,"n":2,"response_format":{"type":"json_schema","json_schema":{"name":"w","schema":{"type":"object"}}} """,
        """{"max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"U","cache_control":{"type":"ephemeral"}},{"type":"image","source":{"type":"url","url":"https://x.example/a.png"}}]}],"tools":[{"name":"json","description":"Answer with this tool.","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"json"}}""", "n seed")]
    [InlineData("claude-haiku-4-5", """ "messages":[{"role":"user","content":"U"},{"role":"assistant","content":null,"thinking_blocks":[{"type":"thinking","thinking":"T","signature":"SIG"},{"type":"redacted_thinking","data":"D"}],"reasoning_content":"T","tool_calls":[{"id":"a.1","type":"function","function":{"name":"f","arguments":"{\"x\": 1.0}"}}]},{"role":"tool","tool_call_id":"a.1","content":"R"},{"role":"user","content":"V"}],"max_tokens":9 """,
        """{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"U"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"T","signature":"SIG"},{"type":"redacted_thinking","data":"D"},{"type":"tool_use","id":"id_a_2e1","name":"f","input":{"x": 1.0}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"id_a_2e1","content":"R"},{"type":"text","text":"V"}]}]}""", "")]
    public async Task A_request_becomes_a_messages_request(string model, string members, string expected, string losses)
    {
        (JsonObject sent, ChatRequest request) = await SendAsync(model, members);
        Assert.Equal(model, (string)sent["model"]!);
        sent.Remove("model");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), sent), sent.ToJsonString());
        Assert.Equal(losses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), request.Options.Request.Warnings.Where(warning => warning.StartsWith('\'')).Select(warning => warning.Split('\'')[1]).Order());
    }

    [Fact]
    public void Roles_order_tool_ids_and_text_survive_the_mapping() =>
        Gen.Select(Gens.Of("user", "assistant", "tool"), Gen.String[Gen.Char['a', 'z'], 1, 12]).List[1, 12].Sample(turns =>
        {
            var messages = new JsonArray { Message("user", "start") };
            List<string> expected = ["user:start"];
            int calls = 0;
            foreach ((string role, string text) in turns)
            {
                if (role == "tool")
                {
                    string id = $"call_{calls++}";
                    messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = text, ["tool_calls"] = new JsonArray(new JsonObject { ["id"] = id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = "f", ["arguments"] = "{}" } }) });
                    messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = "r" + text });
                    expected.AddRange([$"assistant:{text}", $"assistant:call {id}", $"user:result {id} r{text}"]);
                }
                else
                {
                    messages.Add(Message(role, text));
                    expected.Add($"{role}:{text}");
                }
            }

            (JsonObject sent, _) = SendAsync("claude-sonnet-4-5", $"\"max_tokens\":5,\"messages\":{messages.ToJsonString()}").GetAwaiter().GetResult();
            List<string> seen = [];
            string? last = null;
            foreach (JsonNode? turn in sent["messages"]!.AsArray())
            {
                string role = (string)turn!["role"]!;
                Assert.NotEqual(last, role);
                last = role;
                seen.AddRange(turn["content"]!.AsArray().Select(block => (string)block!["type"]! switch
                {
                    "text" => $"{role}:{block["text"]}",
                    "tool_use" => $"{role}:call {block["id"]}",
                    _ => $"{role}:result {block["tool_use_id"]} {block["content"]}",
                }));
            }

            // Within a turn results come first; the turns themselves keep their order.
            Assert.Equal(expected.Order(), seen.Order());
            Assert.Equal(expected.Where(item => !item.Contains("result", StringComparison.Ordinal)), seen.Where(item => !item.Contains("result", StringComparison.Ordinal)));
        }, iter: 300);

    [Theory]
    [InlineData(401, """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}""", FailureClass.Credential)]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}""", FailureClass.Quota)]
    [InlineData(402, """{"type":"error","error":{"type":"billing_error","message":"x"}}""", FailureClass.Quota)]
    [InlineData(429, """{"type":"error","error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}""", FailureClass.Quota)]
    [InlineData(429, """{"type":"error","error":{"type":"rate_limit_error","message":"x"}}""", FailureClass.RateLimit)]
    [InlineData(403, """{"type":"error","error":{"type":"permission_error","message":"x"}}""", FailureClass.ModelAccess)]
    [InlineData(403, """{"error":{"type":"forbidden","message":"Request not allowed"}}""", FailureClass.RegionBlocked)]
    [InlineData(404, """{"type":"error","error":{"type":"not_found_error","message":"model: x"}}""", FailureClass.ModelAccess)]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}}""", FailureClass.ContextLength)]
    [InlineData(413, """{"type":"error","error":{"type":"request_too_large","message":"x"}}""", FailureClass.CallerFault)]
    [InlineData(500, "", FailureClass.Transient)]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"x"}}""", FailureClass.Transient)]
    [InlineData(502, "<html></html>", FailureClass.Transient)]
    [InlineData(400, """{"error":{"code":400,"status":"FAILED_PRECONDITION","message":"User location is not supported for the API use."}}""", FailureClass.RegionBlocked)]
    [InlineData(418, "{}", FailureClass.Unknown)]
    public void Every_error_has_its_class(int status, string body, FailureClass expected)
    {
        ProviderTable.TryFind("anthropic", out ProviderDefinition? provider);
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        Assert.Equal(expected, AnthropicErrors.Classify(response, Encoding.UTF8.GetBytes(body), provider!, new Secret("k")).Failure);
    }

    [Fact]
    public void A_stream_reads_the_same_whatever_its_pieces() => Gen.Int[1, 40].List[1, 8].Sample(sizes =>
    {
        const string Events = """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":5,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":1}}}

            event: ping
            data: {"type":"ping"}

            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm 😀"}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SIG"}}

            data: {"type":"content_block_stop","index":0}

            data: {oops

            data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}

            data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}

            data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"1.0}"}}

            data: {"type":"content_block_stop","index":1}

            data: {"type":"something_new"}

            data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}

            data: {"type":"message_stop"}


            """;
        ChatRequest request = Request("claude-sonnet-4-5", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":5");
        var chunks = new OpenAITypedChunks(DateTimeOffset.UnixEpoch);
        using var http = new HttpMessageInvoker(new Handler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Pieces(Encoding.UTF8.GetBytes(Events), sizes)) { Headers = { ContentType = new("text/event-stream") } } }));
        using var leaf = new AnthropicChatClient(pipeline.Providers.All.Single(provider => provider.Slug == "anthropic"), http, new Secret("k"));
        List<JsonNode> written = [];
        foreach (ChatResponseUpdate update in leaf.GetStreamingResponseAsync(request.Messages, request.Options, CancellationToken.None).ToBlockingEnumerable())
        {
            written.AddRange(chunks.Write(update).Select(chunk => JsonNode.Parse(chunk.Body.Text.Span)!));
        }

        written.AddRange(chunks.End().Select(chunk => JsonNode.Parse(chunk.Body.Text.Span)!));
        JsonNode[] deltas = [.. written.Where(chunk => chunk["choices"]!.AsArray().Count > 0).Select(chunk => chunk["choices"]![0]!["delta"]!)];
        Assert.Equal("hm 😀", string.Concat(deltas.Select(delta => (string?)delta["reasoning_content"])));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[{"type":"thinking","thinking":"hm 😀","signature":"SIG"}]"""), deltas.Single(delta => delta["thinking_blocks"] is not null)["thinking_blocks"]));
        Assert.Equal("{\"a\":1.0}", string.Concat(deltas.Select(delta => (string?)delta["tool_calls"]?[0]?["function"]?["arguments"])));
        Assert.Equal("tool_calls", (string)written[^2]["choices"]![0]!["finish_reason"]!);
        Assert.Equal((10, 9, 3, 2), ((int)written[^1]["usage"]!["prompt_tokens"]!, (int)written[^1]["usage"]!["completion_tokens"]!, (int)written[^1]["usage"]!["prompt_tokens_details"]!["cached_tokens"]!, (int)written[^1]["usage"]!["prompt_tokens_details"]!["cache_write_tokens"]!));
    }, iter: 50);

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private ChatRequest Request(string model, string members)
    {
        ChatRequest request = pipeline.Request($$$"""{"model":"anthropic/{{{model}}}",{{{members}}}}""");
        request.Options.ModelId = model;
        return request;
    }

    private async Task<(JsonObject Sent, ChatRequest Request)> SendAsync(string model, string members)
    {
        ChatRequest request = Request(model, members);
        JsonObject? sent = null;
        using var http = new HttpMessageInvoker(new Handler(message =>
        {
            sent = JsonNode.Parse(message.Content!.ReadAsStringAsync().GetAwaiter().GetResult())!.AsObject();
            Assert.Equal("2023-06-01", message.Headers.GetValues("anthropic-version").Single());
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"id":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}""", Encoding.UTF8, "application/json") };
        }));
        using var leaf = new AnthropicChatClient(pipeline.Providers.All.Single(provider => provider.Slug == "anthropic") with { Simulated = false }, http, new Secret("k"));
        ChatResponse answer = await leaf.GetResponseAsync(request.Messages, request.Options, TestContext.Current.CancellationToken);
        Assert.Equal("ok", answer.Text);
        return (sent!, request);
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    private sealed class Pieces(byte[] bytes, List<int> sizes) : MemoryStream(bytes)
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span[..Math.Min(buffer.Length, sizes[_reads++ % sizes.Count])]));
    }
}
