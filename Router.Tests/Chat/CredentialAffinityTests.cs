using System.Text;
using System.Text.Json.Nodes;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>
/// Second turns of conversations that hold opaque state, whose key cannot serve. The simulator signs for the key it signed for and
/// refuses any other, as the vendors do.
/// </summary>
public sealed class CredentialAffinityTests(Pipeline pipeline) : IClassFixture<Pipeline>, IAsyncLifetime
{
    private const string Claude = "anthropic/claude-sonnet-4-5-20250929";
    private const string Gemini = "google-ai-studio/gemini-3-flash-preview";
    private const string Limited = """{"as":"ratelimited-3600"}""";
    private const string Refused = """{"as":"invalid"}""";

    private readonly string _own = $"sim-good-{Guid.NewGuid():N}";
    private ApiHost _api = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString());

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Signed_thinking_is_left_out_for_another_key_and_the_caller_is_told(bool stream)
    {
        JsonArray history = await TalkAsync(Claude);
        Assert.NotNull(history[1]!["thinking_blocks"]![0]!["signature"]);
        (int status, FaultAnswer answer) = await AskAsync(Claude, history, stream, Limited);
        Assert.Equal((200, "byok:rate_limit system:ok"), (status, Attempts(answer)));
        Assert.Contains("'thinking_blocks'", Warnings(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_that_issued_the_state_gets_it_back_untouched()
    {
        JsonArray history = await TalkAsync(Claude);
        (int status, FaultAnswer answer) = await AskAsync(Claude, history, stream: false, "{}");
        Assert.Equal((200, "byok:ok"), (status, Attempts(answer)));
        Assert.DoesNotContain("thinking_blocks", Warnings(answer), StringComparison.Ordinal);
        string sent = (string)(await pipeline.JournalAsync(_own))[^1]!["body"]!;
        Assert.Contains((string)history[1]!["thinking_blocks"]![0]!["signature"]!, sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Limited, "rate_limit", "3600")]
    [InlineData(Refused, "credential", null)]
    public async Task Amid_calls_signed_thinking_is_needed_and_no_other_key_may_go_on(string trouble, string failure, string? wait)
    {
        JsonArray history = await CallAsync(Claude);
        (int status, FaultAnswer answer) = await AskAsync(Claude, history, stream: false, trouble);
        Assert.Equal((424, "credential_affinity"), (status, (string?)answer.Error!["code"]));
        Assert.Equal($"byok:{failure} system:credential_affinity", Attempts(answer));
        Assert.Equal(wait, _retryAfter);
        Assert.DoesNotContain(await JournalAsync(), entry => (int)entry["status"]! == 400);
    }

    [Fact]
    public async Task Amid_calls_the_key_is_waited_for_when_its_limit_ends_soon()
    {
        JsonArray history = await CallAsync(Claude);
        using var script = new StringContent("""{"script":[{"as":"ratelimited-1"}]}""", Encoding.UTF8, "application/json");
        (await pipeline.Simulator.PutAsync($"/_simulator/keys/{_own}", script, Cancel)).EnsureSuccessStatusCode();
        (int status, FaultAnswer answer) = await AskAsync(Claude, history, stream: true, "{}");
        Assert.Equal((200, "byok:rate_limit system:credential_affinity byok:ok"), (status, Attempts(answer)));
    }

    [Fact]
    public async Task Thought_signatures_are_left_out_for_another_key()
    {
        JsonArray history = await CallAsync(Gemini);
        Assert.NotNull(history[1]!["tool_calls"]![0]!["extra_content"]!["google"]!["thought_signature"]);
        (int status, FaultAnswer answer) = await AskAsync(Gemini, history, stream: false, Limited);
        Assert.Equal((200, "byok:rate_limit system:ok"), (status, Attempts(answer)));
        Assert.Contains("'thought_signature'", Warnings(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Claude)]
    [InlineData(Gemini)]
    public async Task State_that_another_key_had_issued_is_left_out_once_the_provider_disowns_it(string model)
    {
        // The first turn was served by the system key, as the own key was no good yet.
        JsonArray history = model == Claude ? await TalkAsync(model, Refused) : await CallAsync(model, Refused);
        (int status, FaultAnswer answer) = await AskAsync(model, history, stream: false, "{}");
        Assert.Equal((200, "byok:credential_affinity byok:ok"), (status, Attempts(answer)));
        Assert.Contains("belong to another key", Warnings(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_that_another_key_had_issued_and_that_is_needed_is_told_as_that()
    {
        JsonArray history = await CallAsync(Claude, Refused);
        (int status, FaultAnswer answer) = await AskAsync(Claude, history, stream: false, "{}");
        Assert.Equal((424, "credential_affinity"), (status, (string?)answer.Error!["code"]));
    }

    [Theory]
    [InlineData(Claude, "openai/gpt-4o")]
    [InlineData(Gemini, "mistral/mistral-large-latest")]
    [InlineData(Gemini, Claude)]
    public async Task Another_provider_never_sees_it(string model, string fallback)
    {
        JsonArray history = model == Claude ? await TalkAsync(model) : await CallAsync(model);
        (int status, FaultAnswer answer) = await AskAsync(model, history, stream: false, """{"status":503}""", members: new JsonObject { ["models"] = new JsonArray(fallback) });
        Assert.Equal((200, "byok:transient byok:transient system:ok"), (status, Attempts(answer)));
        Assert.Contains("belong to another key", Warnings(answer), StringComparison.Ordinal);
        string sent = (string)(await JournalAsync())[^1]["body"]!;
        Assert.DoesNotContain("ignature", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("thinking_blocks", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"Read it"},{"type":"file","file":{"file_id":"file-abc"}}]}""")]
    [InlineData("""{"role":"assistant","audio":{"id":"audio_abc"}}""")]
    [InlineData("""{"role":"assistant","content":"x","reasoning_details":[{"encrypted_content":"abc"}]}""")]
    public async Task What_lies_in_the_own_account_is_not_asked_of_another(string message)
    {
        JsonArray history = [JsonNode.Parse(message), new JsonObject { ["role"] = "user", ["content"] = "And?" }];
        (int status, FaultAnswer answer) = await AskAsync("openai/gpt-4o", history, stream: false, Limited);
        Assert.Equal((424, "credential_affinity", "byok:rate_limit system:credential_affinity"), (status, (string?)answer.Error!["code"], Attempts(answer)));
    }

    [Theory]
    [InlineData("""{"role":"user","content":"my \"thinking_blocks\":[{\"signature\":\"x\"}] and \"file_id\":\"y\""}""")]
    [InlineData("""{"role":"assistant","content":"x","thinking_blocks":[],"audio":null}""")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"file_id\":\"y\",\"thought_signature\":\"z\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}""")]
    public async Task Words_that_look_like_state_hold_nothing_back(string messages)
    {
        var history = (JsonArray)JsonNode.Parse($$"""[{"role":"user","content":"Hi"},{{messages}},{"role":"user","content":"And?"}]""")!;
        (int status, FaultAnswer answer) = await AskAsync("openai/gpt-4o", history, stream: false, Limited);
        Assert.Equal((200, "byok:rate_limit system:ok"), (status, Attempts(answer)));
        Assert.DoesNotContain("another key", Warnings(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strict_request_loses_nothing()
    {
        JsonArray history = await TalkAsync(Claude);
        (int status, FaultAnswer answer) = await AskAsync(Claude, history, stream: false, Limited, new JsonObject { ["strict"] = true });
        Assert.Equal((424, "credential_affinity"), (status, (string?)answer.Error!["code"]));
    }

    private string? _retryAfter;

    /// <summary>A first turn with thoughts, and the question that comes next.</summary>
    private Task<JsonArray> TalkAsync(string model, string trouble = "{}") =>
        FirstTurnAsync(model, trouble, "Hello", [], _ => new JsonObject { ["role"] = "user", ["content"] = "And then?" });

    /// <summary>A first turn that ends in a call, and the call's result.</summary>
    private Task<JsonArray> CallAsync(string model, string trouble = "{}") =>
        FirstTurnAsync(model, trouble, "What is the weather?", Tools(), message => new JsonObject
        {
            ["role"] = "tool",
            ["tool_call_id"] = (string)message["tool_calls"]![0]!["id"]!,
            ["content"] = "sunny",
        });

    private async Task<JsonArray> FirstTurnAsync(string model, string trouble, string text, JsonObject members, Func<JsonNode, JsonNode> next)
    {
        JsonArray messages = [new JsonObject { ["role"] = "user", ["content"] = text }];
        JsonNode body = JsonNode.Parse(await SendAsync(Body(model, messages, stream: false, trouble, members)))!;
        JsonNode message = body["choices"]![0]!["message"]!.DeepClone();
        messages.Add(message);
        messages.Add(next(message));
        return messages;
    }

    private async Task<(int Status, FaultAnswer Answer)> AskAsync(string model, JsonArray messages, bool stream, string trouble, JsonObject? members = null)
    {
        bool called = messages.Any(message => message!["tool_calls"] is not null && model != "openai/gpt-4o");
        JsonObject all = called ? Tools() : [];
        foreach ((string name, JsonNode? value) in members ?? [])
        {
            all[name] = value?.DeepClone();
        }

        string text = await SendAsync(Body(model, messages, stream, trouble, all));
        return (_status, FaultAnswer.Read(new FaultOutcome(_status, null!, text, TimeSpan.Zero, []), stream));
    }

    private int _status;

    private async Task<string> SendAsync(JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _api.Client.PostAsync("/v1/chat/completions", content, Cancel);
        _status = (int)response.StatusCode;
        _retryAfter = response.Headers.RetryAfter?.ToString();
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private JsonObject Body(string model, JsonArray messages, bool stream, string trouble, JsonObject members)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["messages"] = messages.DeepClone(),
            ["stream"] = stream,
            ["provider_credentials"] = new JsonObject { [model.Split('/')[0]] = new JsonObject { ["api_key"] = _own } },
            ["simulate"] = new JsonObject { ["byKey"] = new JsonObject { [_own] = JsonNode.Parse(trouble) } },
        };
        if (!model.StartsWith("openai", StringComparison.Ordinal))
        {
            body["reasoning_effort"] = "high";
        }

        foreach ((string name, JsonNode? value) in members)
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    private static JsonObject Tools() => (JsonObject)JsonNode.Parse(
        """{"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]}""")!;

    /// <summary>All requests that carried this test's key or came after one that did, oldest first.</summary>
    private async Task<List<JsonNode>> JournalAsync()
    {
        var all = (JsonArray)JsonNode.Parse(await pipeline.Simulator.GetStringAsync("/_simulator/journal", Cancel))!;
        return [.. all.Select(entry => entry!).SkipWhile(entry => (string?)entry["key"] != _own)];
    }

    private static string Attempts(FaultAnswer answer) => string.Join(' ', answer.Metadata!["attempts"]!.AsArray().Select(attempt =>
        $"{attempt!["credential_type"]}:{((bool)attempt["success"]! ? "ok" : attempt["error"]!["code"])}"));

    private static string Warnings(FaultAnswer answer) => answer.Metadata!["warnings"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
