using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed class ChatCompletionsTests(Stack stack)
{
    private const string Seed = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_key_of_its_own_a_workspace_is_served_with_the_system_key()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat(Seed));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("openai/gpt-4o", (string)body["model"]!);
        JsonNode attempt = Assert.Single(body["metadata"]!["attempts"]!.AsArray())!;
        Assert.Equal(("system", "openai/gpt-4o", true), ((string)attempt["credential_type"]!, (string)attempt["model"]!, (bool)attempt["success"]!));
        Assert.True((long)attempt["duration_ms"]! >= (long)attempt["time_to_first_token_ms"]!, $"{attempt}");
        Assert.Null(attempt["error"]);
        Assert.Equal('7', ((string)body["metadata"]!["generation_id"]!)[14]);
        Assert.Equal((string)body["metadata"]!["generation_id"]!, response.Headers.GetValues("x-generation-id").Single());
        Assert.Equal("1", response.Headers.GetValues("x-router-attempts").Single());
        Assert.Equal("system", response.Headers.GetValues("x-router-credential-type").Single());
        Assert.Matches("^[0-9a-f]{32}$", response.Headers.GetValues("x-trace-id").Single());
        Assert.Matches("^router;dur=[0-9.]+, upstream;dur=[0-9.]+$", response.Headers.GetValues("Server-Timing").Single());
        Assert.Contains("simulated", (string)body["metadata"]!["warnings"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_key_serves_and_when_it_fails_the_system_key_takes_over()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        Assert.Equal("valid", (string)(await workspace.SaveKeyAsync(key))["status"]!);
        (_, JsonNode body) = await stack.SendAsync(workspace.Chat(Seed));
        Assert.Equal("byok", Assert.Single(body["metadata"]!["attempts"]!.AsArray())!["credential_type"]!.GetValue<string>());

        await stack.ScriptAsync(key, """{"as":"expired"}""");
        (HttpResponseMessage response, body) = await stack.SendAsync(workspace.Chat(Seed));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonArray attempts = body["metadata"]!["attempts"]!.AsArray();
        Assert.Equal(["byok", "system"], attempts.Select(attempt => (string)attempt!["credential_type"]!));
        Assert.Equal([false, true], attempts.Select(attempt => (bool)attempt!["success"]!));
        Assert.Equal("credential", (string)attempts[0]!["error"]!["code"]!);
        Assert.Equal(401, (int)attempts[0]!["error"]!["status"]!);
        Assert.DoesNotContain(key, body.ToJsonString(), StringComparison.Ordinal);

        // The live failure makes the worker look early; until then and after, the dead key costs nothing.
        await EventuallyAsync(async () => (string)(await workspace.KeyAsync())["status"]! == "invalid");
        int before = (await stack.JournalAsync(key)).Count(entry => ((string)entry!["path"]!).EndsWith("/chat/completions", StringComparison.Ordinal));
        (_, body) = await stack.SendAsync(workspace.Chat(Seed));
        Assert.True((bool)body["metadata"]!["attempts"]![0]!["skipped"]!);
        Assert.Equal(before, (await stack.JournalAsync(key)).Count(entry => ((string)entry!["path"]!).EndsWith("/chat/completions", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Bearer")]
    [InlineData("bAsIc")]
    public async Task Both_schemes_take_the_key_as_it_is_and_as_base64_of_id_and_secret(string scheme)
    {
        foreach (string token in (string[])[stack.RouterKey, stack.BasicToken])
        {
            (HttpResponseMessage response, _) = await stack.SendAsync(stack.Chat(Seed, scheme, token));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("Basic", "!!!")]
    [InlineData("Basic", "bm90OmtleQ==")]
    [InlineData("Bearer", "rk_EndToEnd0001_wrongwrongwrongwrongwrongwrongwrongwrong")]
    [InlineData("Digest", "x")]
    public async Task A_wrong_router_key_is_401_and_says_it_is_the_routers(string scheme, string token)
    {
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(stack.Chat(Seed, scheme, token));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("invalid_api_key", (string)body["error"]!["code"]!);
        Assert.DoesNotContain(token, body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_request_fields_arrive_upstream_byte_for_byte()
    {
        string key = "sim-good-bytes-up";
        string sent = $$$"""
            { "model" : "openai/gpt-4o",  "x_future":{"n":1.0, "e":1E5 ,"s":"\u00e9 é 😀","a":[ 1 ,2.50]} ,
              "provider_credentials":{"openai":{"api_key":"{{{key}}}"}},
              "temperature":0.10000000149,	"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}],"x":0.30}] }
            """;
        string expected = """
            { "model" : "gpt-4o",  "x_future":{"n":1.0, "e":1E5 ,"s":"\u00e9 é 😀","a":[ 1 ,2.50]},
              "temperature":0.10000000149,	"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}],"x":0.30}] }
            """;
        (HttpResponseMessage response, _) = await stack.SendAsync(stack.Chat(sent));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonNode entry = Assert.Single(await stack.JournalAsync(key))!;
        Assert.Equal(expected, Encoding.UTF8.GetString(Convert.FromBase64String((string)entry["bodyBase64"]!)));
        Assert.DoesNotContain("traceparent", entry["headers"]!.ToJsonString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Unknown_response_fields_reach_the_caller_byte_for_byte()
    {
        const string Upstream = """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi","x":1.0},"finish_reason":"end_turn"}], "odd" : {"n":1.50,"e":2E3,"s":"\u00e9/é"} ,"model":"whatever","created":1.5}""";
        string body = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}],"simulate":{"status":200,"body":""" + JsonValue.Create(Upstream).ToJsonString() + "}}";
        using HttpResponseMessage response = await stack.Api.SendAsync(stack.Chat(body), Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        string expected = Upstream.Replace("\"whatever\"", "\"openai/gpt-4o\"", StringComparison.Ordinal)[..^1];
        Assert.StartsWith(expected + ",\"metadata\":{\"attempts\":[", text, StringComparison.Ordinal);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (int i = 0; i < 100; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(100, Cancel);
        }

        Assert.Fail("It did not come to be within ten seconds.");
    }
}
