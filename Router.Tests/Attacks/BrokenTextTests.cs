using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>Answers and errors in which any value is of another kind than expected, or no valid text: a provider's fault, never a fault of the router.</summary>
public sealed class BrokenTextTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static readonly string[] Values = ["null", "1", "-1", "1e999", "true", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\ud83d\\u0041\"", "[]", "[null]", "[[]]", "[{}]", "{}", "{\"\\ud800\":1}", "{\"a\":{\"b\":{}}}", "\"\u0001BAD\""];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool, string, string> Cases()
    {
        var cases = new TheoryData<string, bool, string, string>();
        foreach (bool stream in (bool[])[false, true])
        {
            cases.Add("openai/gpt-4o", stream, "openai error", """{"error":{"message":"m","type":"t","param":"p","code":"c"}}""");
            cases.Add("mistral/m", stream, "flat error", """{"object":"error","message":"m","type":"t","param":"p","code":"c"}""");
            cases.Add("mistral/m", stream, "validation error", """{"detail":[{"loc":["body"],"msg":"m"}]}""");
            cases.Add("xai/m", stream, "xai error", """{"code":"c","error":"m"}""");
            cases.Add("anthropic/claude-haiku-5-5", stream, "anthropic error", """{"type":"error","error":{"type":"t","message":"m","details":{"error_code":"c"}}}""");
            cases.Add("google/gemini-2.5-flash", stream, "google error", """{"error":{"code":400,"message":"m","status":"S","details":[{"reason":"r","retryDelay":"30s","violations":[{"quotaId":"q"}]}]}}""");
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_error_of_any_shape_is_the_providers_or_the_callers(string model, bool stream, string name, string error)
    {
        List<string> wrong = [];
        foreach (string body in Mutations(error))
        {
            foreach (int status in (int[])[400, 401, 403, 404, 429, 500, 200])
            {
                await TryAsync(model, stream, () => Answer(body, status, status == 200 && stream), $"{name} {status} {body}", wrong);
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count}: {string.Join('\n', wrong.Take(12))}");
    }

    public static TheoryData<string, string, string> Good() => new()
    {
        { "openai/gpt-4o", """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"reasoning_content":"r"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":1}}}""", """{"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"fine","tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}""" },
        { "mistral/m", """{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"fine"}]},"finish_reason":"stop"}]}""", """{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"fine"}]},"finish_reason":"stop"}]}""" },
        { "anthropic/claude-haiku-5-5", """{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"fine"},{"type":"tool_use","id":"i","name":"n","input":{"a":1}}],"stop_reason":"end_turn","stop_details":{"category":"c"},"usage":{"input_tokens":1,"output_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":1}}}""", "" },
        { "google/gemini-2.5-flash", """{"responseId":"r","modelVersion":"m","candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"s"},{"text":"fine"},{"functionCall":{"id":"i","name":"n","args":{"a":1}}},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},"finishReason":"STOP"}],"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}""", """{"responseId":"r","modelVersion":"m","candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"s"},{"text":"fine"},{"functionCall":{"id":"i","name":"n","args":{"a":1}}},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}""" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public async Task An_answer_of_any_shape_is_served_or_a_passing_trouble(string model, string whole, string chunk)
    {
        List<string> wrong = [];
        foreach (string body in Mutations(whole))
        {
            await TryAsync(model, false, () => Answer(body, 200, false), $"json {body}", wrong);
        }

        if (chunk.Length > 0)
        {
            foreach (string body in Mutations(chunk))
            {
                await TryAsync(model, true, () => Answer(body, 200, true), $"stream {body}", wrong);
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count}: {string.Join('\n', wrong.Take(12))}");
    }

    [Fact]
    public async Task A_message_stream_of_any_shape_is_served_or_a_passing_trouble()
    {
        string[] events =
        [
            """{"type":"message_start","message":{"id":"m","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"t"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}""",
            """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"fine"}}""",
            """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"i","name":"n","input":{}}}""",
            """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}""",
            """{"type":"content_block_stop","index":2}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_details":{"category":"c"}},"usage":{"output_tokens":1}}""",
            """{"type":"message_stop"}""",
        ];
        List<string> wrong = [];
        for (int i = 0; i < events.Length; i++)
        {
            foreach (string body in Mutations(events[i]))
            {
                string[] changed = [.. events];
                changed[i] = body;
                byte[] text = [.. changed.SelectMany(one => (byte[])[.. "data: "u8, .. Bytes(one), .. "\n\n"u8])];
                await TryAsync("anthropic/claude-haiku-5-5", true, () => Raw(text, 200, "text/event-stream"), body, wrong);
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count}: {string.Join('\n', wrong.Take(12))}");
    }

    [Theory]
    [InlineData("openai", """{"error":{"message":"\ud800","type":"t"}}""", 401)]
    [InlineData("anthropic", """{"type":"error","error":{"type":"authentication_error","message":"\ud800"}}""", 401)]
    [InlineData("google-ai-studio", """{"error":{"code":400,"message":"\ud800","status":"INVALID_ARGUMENT"}}""", 400)]
    public async Task A_key_check_survives_an_answer_that_is_no_text(string slug, string body, int status)
    {
        using var http = new ProviderHttp(new Canned(() => Answer(body, status, false)));
        KeyCheckResult result = await new KeyChecker(pipeline.Providers, http, TimeProvider.System).CheckAsync(ProviderTable.All.Single(one => one.Slug == slug), new Secret("sk-0123456789abcdef"), Cancel);
        Assert.NotEqual(KeyCheckOutcome.Valid, result.Outcome);
    }

    [Fact]
    public async Task Half_a_character_in_a_stream_costs_no_text()
    {
        // An emoji split over two events: each half is escaped. The text around it must come through.
        string events = """
            data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[]}}

            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"before \ud83d"}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ude00 after"}}

            data: {"type":"content_block_stop","index":0}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

            data: {"type":"message_stop"}


            """;
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Events(events));
        string text = await router.AskAsync(Request("anthropic/claude-haiku-5-5", true), Cancel);
        Assert.Contains("before", text, StringComparison.Ordinal);
        Assert.Contains("after", text, StringComparison.Ordinal);
    }

    private async Task TryAsync(string model, bool stream, Func<HttpResponseMessage> answer, string what, List<string> wrong)
    {
        ScriptedRouter router = new(pipeline, (_, _) => answer());
        ChatRequest request = Request(model, stream);
        try
        {
            await router.AskAsync(request, Cancel);
        }
        catch (Exception e) when (e is RouterException or ProviderException)
        {
            if (request.Options.Request.Attempts.Exists(attempt => attempt.Error is null && !attempt.Success && !attempt.Skipped))
            {
                wrong.Add($"no outcome: {what}");
            }
        }
        catch (Exception e)
        {
            wrong.Add($"{e.GetType().Name} {e.Message} at {e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Router.", StringComparison.Ordinal))?.Trim()}: {what}");
        }
    }

    private ChatRequest Request(string model, bool stream) =>
        pipeline.Request($$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""");

    /// <summary>The text with each of its values replaced by each of the odd ones, one at a time.</summary>
    private static IEnumerable<string> Mutations(string json)
    {
        int places = Places(JsonNode.Parse(json)!).Count;
        for (int i = 0; i < places; i++)
        {
            foreach (string value in Values)
            {
                JsonNode root = JsonNode.Parse(json)!;
                (JsonNode parent, object key) = Places(root)[i];
                if (key is string name)
                {
                    parent.AsObject()[name] = "@@PLACE@@";
                }
                else
                {
                    parent.AsArray()[(int)key] = "@@PLACE@@";
                }

                yield return root.ToJsonString().Replace("\"@@PLACE@@\"", value, StringComparison.Ordinal);
            }
        }
    }

    private static List<(JsonNode Parent, object Key)> Places(JsonNode node)
    {
        List<(JsonNode, object)> places = [];
        if (node is JsonObject all)
        {
            foreach ((string name, JsonNode? value) in all)
            {
                places.Add((node, name));
                places.AddRange(value is null ? [] : Places(value));
            }
        }
        else if (node is JsonArray list)
        {
            for (int i = 0; i < list.Count; i++)
            {
                places.Add((node, i));
                places.AddRange(list[i] is { } item ? Places(item) : []);
            }
        }

        return places;
    }

    private static HttpResponseMessage Answer(string body, int status, bool events) => events
        ? Raw([.. "data: "u8, .. Bytes(body), .. "\n\ndata: [DONE]\n\n"u8], status, "text/event-stream")
        : Raw(Bytes(body), status, "application/json");

    /// <summary>The mark in a value becomes a byte that no UTF-8 has.</summary>
    private static byte[] Bytes(string text) => [.. Encoding.UTF8.GetBytes(text).Select(one => one == 1 ? (byte)0xFF : one)];

    private static HttpResponseMessage Raw(byte[] body, int status, string type)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new(type);
        return response;
    }

    private sealed class Canned(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }
}
