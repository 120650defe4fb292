using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>Requests through saved routers, seen from the caller and from the provider.</summary>
[Collection(StackCollection.Name)]
public sealed class SavedRouterTests(Stack stack)
{
    private const string Hello = """[{"role":"user","content":"Hello"}]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("inworld/tiers")]
    [InlineData("router/tiers")]
    public async Task The_route_of_the_condition_serves_and_the_provider_sees_one_plain_request(string model)
    {
        (TestWorkspace workspace, string key) = await WithRouterAsync();
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat($$"""
            {"model":"{{model}}","metadata":{"tier":"premium"},"prompt_variables":{"who":"a \"poet\""},"x_future":1.50,"user":"u1","messages":{{Hello}}}
            """));
        Assert.True(response.IsSuccessStatusCode, body.ToJsonString());
        Assert.Equal("openai/gpt-4o", (string)body["model"]!);
        Assert.Equal("""{"name":"tiers","route":"premium","variant":"big"}""", body["metadata"]!["router"]!.ToJsonString());
        Assert.DoesNotContain(body["metadata"]!["warnings"]!.AsArray(), warning => ((string)warning!).Contains("no effect", StringComparison.Ordinal));
        Assert.Equal(
            """{"model":"gpt-4o","metadata":{"tier":"premium"},"x_future":1.50,"user":"u1","messages":[{"role":"system","content":"You are a \"poet\"."},{"role":"user","content":"Hello"}],"temperature":0.20,"max_tokens":50}""",
            (await UpstreamAsync(key)).Trim());
        Assert.Equal("byok", (string)body["metadata"]!["attempts"]![0]!["credential_type"]!);
    }

    [Fact]
    public async Task The_requests_own_members_win()
    {
        (TestWorkspace workspace, string key) = await WithRouterAsync();
        await stack.SendAsync(workspace.Chat($$"""{"model":"inworld/tiers","metadata":{"tier":"premium","who":"me"},"temperature":0.9,"max_completion_tokens":7,"messages":{{Hello}}}"""));
        JsonNode sent = JsonNode.Parse(await UpstreamAsync(key))!;
        Assert.Equal((0.9, 7, null), ((double)sent["temperature"]!, (int)sent["max_completion_tokens"]!, sent["max_tokens"]));
    }

    [Fact]
    public async Task A_stream_names_the_router_in_its_metadata()
    {
        (TestWorkspace workspace, _) = await WithRouterAsync();
        using HttpResponseMessage response = await stack.Api.SendAsync(
            workspace.Chat($$"""{"model":"inworld/tiers","stream":true,"metadata":{"tier":"premium","who":"me"},"messages":{{Hello}}}"""), Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string[] chunks = [.. text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => line[6..])];
        Assert.Equal("premium", (string)JsonNode.Parse(chunks[^1])!["metadata"]!["router"]!["route"]!);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_variant_of_another_dialect_gets_the_same(bool stream)
    {
        (TestWorkspace workspace, _) = await WithRouterAsync();
        string key = $"sim-good-claude-{workspace.Id}";
        await workspace.SaveKeyAsync(key, "anthropic");
        using HttpResponseMessage response = await stack.Api.SendAsync(
            workspace.Chat($$"""{"model":"inworld/tiers","stream":{{(stream ? "true" : "false")}},"metadata":{"tier":"free"},"prompt_variables":{"who":"a clerk"},"messages":{{Hello}}}"""), Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Contains("""{"name":"tiers","route":"rest","variant":"claude"}""", text, StringComparison.Ordinal);
        JsonNode sent = JsonNode.Parse(await UpstreamAsync(key, "/messages"))!;
        Assert.Equal("claude-3-5-haiku-20241022", (string)sent["model"]!);
        Assert.Contains("You are a clerk.", sent["system"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal((0.4, 60), ((double)sent["temperature"]!, (int)sent["max_tokens"]!));
    }

    [Fact]
    public async Task A_router_that_is_not_there_is_404()
    {
        (TestWorkspace workspace, _) = await WithRouterAsync();
        TestWorkspace other = await stack.NewWorkspaceAsync();
        foreach ((TestWorkspace caller, string model) in new[] { (workspace, "inworld/nobody"), (workspace, "router/"), (other, "inworld/tiers") })
        {
            (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(caller.Chat($$"""{"model":"{{model}}","messages":{{Hello}}}"""));
            Assert.Equal((HttpStatusCode.NotFound, "router_not_found"), (response.StatusCode, (string)body["error"]!["code"]!));
        }
    }

    [Fact]
    public async Task A_missing_variable_is_400_and_no_provider_is_asked()
    {
        (TestWorkspace workspace, string key) = await WithRouterAsync();
        int before = (await stack.JournalAsync(key)).Count;
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat($$"""{"model":"inworld/tiers","metadata":{"tier":"premium"},"messages":{{Hello}}}"""));
        Assert.Equal((HttpStatusCode.BadRequest, "prompt_variables.who"), (response.StatusCode, (string)body["error"]!["param"]!));
        Assert.Equal(before, (await stack.JournalAsync(key)).Count);
    }

    [Fact]
    public async Task A_condition_that_fails_is_a_warning_and_the_default_serves()
    {
        (TestWorkspace workspace, _) = await WithRouterAsync();
        (_, JsonNode body) = await stack.SendAsync(workspace.Chat($$"""{"model":"inworld/tiers","prompt_variables":{"who":"x"},"messages":{{Hello}}}"""));
        Assert.Equal("rest", (string)body["metadata"]!["router"]!["route"]!);
        Assert.Contains(body["metadata"]!["warnings"]!.AsArray(), warning => ((string)warning!).Contains("'premium'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_user_gets_the_same_variant_and_the_span_says_which()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        await CreateAsync(workspace, """
            {"name":"split","defaultRoute":{"route_id":"d","variants":[
              {"variant":{"variant_id":"a","model_id":"openai/gpt-4o"},"weight":50},{"variant":{"variant_id":"b","model_id":"openai/gpt-4o-mini"},"weight":50}]}}
            """);
        var seen = new HashSet<string>();
        for (int i = 0; i < 12; i++)
        {
            string[] variants = new string[2];
            for (int again = 0; again < 2; again++)
            {
                (_, JsonNode body) = await stack.SendAsync(workspace.Chat($$"""{"model":"inworld/split","user":"user-{{i}}","messages":{{Hello}}}"""));
                variants[again] = (string)body["metadata"]!["router"]!["variant"]!;
            }

            Assert.Equal(variants[0], variants[1]);
            seen.Add(variants[0]);
        }

        Assert.Equal(2, seen.Count);
        (HttpResponseMessage response, JsonNode last) = await stack.SendAsync(workspace.Chat($$"""{"model":"inworld/split","user":"u","messages":{{Hello}}}"""));
        string trace = response.Headers.GetValues("x-trace-id").Single();
        ExportedSpan span = await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(one => one.TraceId == trace && one.Tags.ContainsKey("router.saved_router.name")), "the request's span");
        Assert.Equal(("split", "d", (string)last["metadata"]!["router"]!["variant"]!), (span.Tags["router.saved_router.name"], span.Tags["router.saved_router.route"], span.Tags["router.saved_router.variant"]));
    }

    private async Task<(TestWorkspace Workspace, string Key)> WithRouterAsync()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        await CreateAsync(workspace, """
            {
              "name": "tiers",
              "defaults": {"text_generation_config": {"max_tokens": 50, "temperature": 0.5}, "message_templates": [{"role": "system", "content": "You are {{who}}."}]},
              "routes": [{
                "route": {"route_id": "premium", "variants": [{"variant": {"variant_id": "big", "model_id": "openai/gpt-4o", "text_generation_config": {"temperature": 0.20}}, "weight": 100}]},
                "condition": {"cel_expression": "metadata.tier == 'premium'"}
              }],
              "defaultRoute": {"route_id": "rest", "variants": [{"variant": {"variant_id": "claude", "model_id": "anthropic/claude-3-5-haiku-20241022", "text_generation_config": {"temperature": 0.4, "max_new_tokens": 60}}, "weight": 100}]}
            }
            """);
        return (workspace, key);
    }

    private async Task CreateAsync(TestWorkspace workspace, string definition) =>
        Assert.True((bool)(await stack.AdminAsync(HttpMethod.Post, $"/router/v1/routers?workspace={workspace.Id}", JsonNode.Parse(definition)))["done"]!);

    /// <summary>The body of the one completion a provider was asked for with a key, after the token that saving it took.</summary>
    private async Task<string> UpstreamAsync(string key, string path = "/chat/completions")
    {
        JsonNode entry = Assert.Single((await stack.JournalAsync(key)).Where(entry => ((string)entry!["path"]!).EndsWith(path, StringComparison.Ordinal)).Skip(1))!;
        return Encoding.UTF8.GetString(Convert.FromBase64String((string)entry["bodyBase64"]!));
    }
}
