using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Router.Core.Wire;

namespace Router.Tests.Dialects;

/// <summary>Answers that no vendor's manual has, over real HTTP, as a caller of the API sees them.</summary>
public sealed class HostileAnswerTests : IAsyncLifetime
{
    private const string OpenAI = "openai/gpt-4o";
    private const string Anthropic = "anthropic/claude-sonnet-4-5";
    private const string Gemini = "google-ai-studio/gemini-2.5-flash";

    private AnsweringProvider _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await AnsweringProvider.StartAsync();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Data_in_several_lines_is_joined_and_goes_out_as_events_that_every_client_reads(string end)
    {
        string stream = string.Join(end, "\uFEFF: hello", "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",", "data:  \"model\":\"gpt-4o\",\"choices\":[{\"index\":0,", "data: \"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"\"}]}", "", "data: {\"id\":\"1\",\"choices\":[", "data: {\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}", "data: ]}", "", "data: [DONE]", "", "");
        (HttpStatusCode status, string body) = await AskAsync(OpenAI, stream: true, "text/event-stream", stream);
        Assert.Equal(HttpStatusCode.OK, status);
        string[] events = Events(body);
        Assert.Equal(3, events.Length);
        using JsonDocument first = JsonDocument.Parse(events[0]);
        Assert.Equal("Hi", first.RootElement.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString());
        Assert.Equal(OpenAI, first.RootElement.GetProperty("model").GetString());
        using JsonDocument last = JsonDocument.Parse(events[1]);
        Assert.Equal("stop", last.RootElement.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.True(last.RootElement.TryGetProperty("metadata", out _));
        Assert.Equal("[DONE]", events[2]);
    }

    public static TheoryData<string, bool, string> Odd => new()
    {
        { OpenAI, false, """{"choices":[{"index":0,"message":{"role":"","name":"","content":"a"},"finish_reason":""}]}""" },
        { OpenAI, false, """{"choices":[{"index":0,"message":{"role":"assistant","content":"\ud83d"},"finish_reason":"\udc00"}]}""" },
        { OpenAI, false, """{"choices":[{"index":0,"message":{"role":"","content":"\ud83d","tool_calls":[{"id":"","function":{"name":"","arguments":"\ud800"}},7]},"finish_reason":"stop"},5],"usage":{"prompt_tokens":1e999,"completion_tokens":-9223372036854775808,"total_tokens":99999999999999999999}}""" },
        { OpenAI, false, """{"\ud800":1,"choices":[{"index":99999999999999999999,"message":{"content":null},"finish_reason":"stop"}]}""" },
        { OpenAI, false, """{"error":{"message":"\ud800","code":1e999,"type":"\udfff"}}""" },
        { OpenAI, true, "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"\",\"content\":\"\\ud83d\"},\"finish_reason\":\"\"}]}\n\ndata: {\"choices\":[{\"index\":-1,\"delta\":{},\"finish_reason\":\" \"}]}\n\n" },
        { OpenAI, true, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1e400}}\n\ndata: [DONE]\n\n" },
        { Anthropic, false, """{"id":"\ud800","model":"","content":[{"type":"text","text":"a\udc00b"},{"type":"tool_use","id":"","name":"","input":{"\ud800":1e999}},{"type":"tool_use"}],"stop_reason":"end_turn","usage":{"input_tokens":1e999,"output_tokens":-5}}""" },
        { Anthropic, false, """{"content":[{"type":"text","text":"a"}],"stop_reason":""}""" },
        { Anthropic, false, """{"type":"error","error":{"type":"\ud800","message":"\ud800"}}""" },
        { Anthropic, true, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"\\ud800\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1e99,\"delta\":{\"type\":\"text_delta\",\"text\":\"\\ud83d\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n" },
        { Gemini, false, """{"candidates":[{"content":{"role":"","parts":[{"text":"\ud83d"},{"functionCall":{"name":"","args":{"\ud800":1e999}}},{"inlineData":{"mimeType":"","data":"\ud800"}},5]},"finishReason":"STOP","index":1e99}],"usageMetadata":{"promptTokenCount":1e999,"candidatesTokenCount":-9}}""" },
        { Gemini, false, """{"candidates":[{"content":{"parts":[{"text":"a","\udc00":1}]},"finishReason":""}]}""" },
        { Gemini, false, """[{"error":{"message":"\ud800","status":"\ud800","details":[{"\ud800":1}]}}]""" },
        { Gemini, true, "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\\ud83d\"}]},\"finishReason\":\"STOP\"}],\"\\ud800\":1}\n\n" },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task Odd_answers_pass_or_are_the_providers_fault_and_never_the_routers(string model, bool stream, string answer)
    {
        foreach (bool asked in (bool[])[stream, !stream])
        {
            (HttpStatusCode status, string body) = await AskAsync(model, asked, stream ? "text/event-stream" : "application/json", answer);
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.BadGateway or HttpStatusCode.BadRequest, $"{(int)status}: {body}");
            foreach (string json in asked && status == HttpStatusCode.OK ? Events(body).Where(one => one != "[DONE]") : [body])
            {
                using JsonDocument document = JsonDocument.Parse(json);
                Assert.DoesNotContain("internal_error", json, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("""{"role":"","content":"Hi"}""", "")]
    [InlineData("""{"role":"user","name":"","content":"Hi"}""", "")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"","type":"function","function":{"name":"","arguments":""}}]}""", "")]
    [InlineData("""{"role":"user","content":"Hi"}""", ""","tool_choice":{"type":"function","function":{"name":""}},"tools":[{"type":"function","function":{"name":"a"}}]""")]
    [InlineData("""{"role":"user","content":"Hi"}""", ""","max_tokens":1e999""")]
    [InlineData("""{"role":"user","content":"Hi"}""", ""","temperature":-1e400,"top_p":1e-999,"seed":99999999999999999999,"n":1e99,"top_k":3.5""")]
    [InlineData("""{"role":"user","content":"Hi"}""", ""","response_format":{"type":"json_schema","json_schema":{"name":"","schema":{"type":"object"}}}""")]
    public async Task Odd_requests_get_an_error_of_theirs_or_are_passed_on_in_every_dialect(string message, string more)
    {
        _provider.Answer = ("application/json", null, "{}"u8.ToArray());
        foreach (string model in (string[])[OpenAI, Anthropic, Gemini])
        {
            (HttpStatusCode status, string body) = await _provider.AskAsync($$"""{"model":"{{model}}","messages":[{{message}}]{{more}}}""");
            Assert.True(status is HttpStatusCode.BadRequest or HttpStatusCode.BadGateway, $"{model}: {(int)status} {body}");
        }
    }

    [Theory]
    [InlineData("gzip", false)]
    [InlineData("gzip", true)]
    [InlineData("br", false)]
    [InlineData("br", true)]
    [InlineData("deflate", false)]
    [InlineData("identity", true)]
    public async Task A_compressed_answer_is_read_as_what_it_holds(string encoding, bool stream)
    {
        string answer = stream
            ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
            : """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}""";
        (HttpStatusCode status, string body) = await AskAsync(OpenAI, stream, stream ? "text/event-stream" : "application/json", answer, encoding);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"Hello\"", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", "garbage")]
    [InlineData("gzip, gzip", "{}")]
    [InlineData("zstd", "{}")]
    public async Task What_cannot_be_decoded_is_the_providers_fault(string encoding, string answer)
    {
        _provider.Answer = ("application/json", encoding, Encoding.UTF8.GetBytes(answer));
        (HttpStatusCode status, string body) = await _provider.AskAsync(OpenAI, stream: false);
        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("all_attempts_failed", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":"\ud83d\ude00"}""", """{"a":"\ud83d\ude00"}""")]
    [InlineData("""{"a":"\ud83d"}""", """{"a":"\ufffd"}""")]
    [InlineData("""{"a":"\ude00\ud83d\ud83d\ude00"}""", """{"a":"\ufffd\ufffd\ud83d\ude00"}""")]
    [InlineData("""{"a":"\\ud83d\\\ud83d"}""", """{"a":"\\ud83d\\\ufffd"}""")]
    [InlineData("""{"a":"\uD83D\u0041"}""", """{"a":"\ufffd\u0041"}""")]
    public void Half_a_character_is_mended_and_nothing_else(string broken, string mended) =>
        Assert.Equal(mended, Encoding.UTF8.GetString(JsonUnicode.Mend(Encoding.UTF8.GetBytes(broken)).Span));

    private Task<(HttpStatusCode Status, string Body)> AskAsync(string model, bool stream, string type, string answer, string? encoding = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(answer);
        _provider.Answer = (type, encoding, encoding is null or "identity" ? bytes : Encode(encoding, writer => writer.Write(bytes)));
        return _provider.AskAsync(model, stream);
    }

    /// <summary>As the standard has it, and each on one line, as simple clients want it.</summary>
    private static string[] Events(string body)
    {
        string[] events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, one => Assert.StartsWith("data: ", one, StringComparison.Ordinal));
        Assert.All(events, one => Assert.DoesNotContain('\n', one));
        Assert.All(events, one => Assert.DoesNotContain('\r', one));
        return [.. events.Select(one => one["data: ".Length..])];
    }

    private static byte[] Encode(string encoding, Action<Stream> write)
    {
        using var bytes = new MemoryStream();
        using (Stream encoder = encoding switch
        {
            "gzip" => new GZipStream(bytes, CompressionLevel.Optimal),
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest),
            _ => new ZLibStream(bytes, CompressionLevel.Fastest),
        })
        {
            write(encoder);
        }

        return bytes.ToArray();
    }
}
