using System.Net;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>What a workspace allows, seen from the requests it then gets answered.</summary>
[Collection(StackCollection.Name)]
public sealed class PolicyTests(Stack stack)
{
    private const string Hello = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}""";

    [Fact]
    public async Task With_byok_only_a_failing_own_key_is_424_and_no_system_key_is_tried()
    {
        (TestWorkspace workspace, string key) = await WithKeyAsync("""{"byok_only":true}""");
        await stack.ScriptAsync(key, """{"as":"expired"}""");
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat(Hello));
        Assert.Equal((HttpStatusCode)424, response.StatusCode);
        Assert.Equal("provider_credential_invalid", (string)body["error"]!["code"]!);
        Assert.Equal(["byok"], Credentials(body));
    }

    [Fact]
    public async Task With_byok_only_and_no_own_key_there_is_nobody_to_ask()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        await SetAsync(workspace, """{"byok_only":true}""");
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat(Hello));
        Assert.Equal((HttpStatusCode)424, response.StatusCode);
        Assert.Equal("provider_credential_missing", (string)body["error"]!["code"]!);
        Assert.Empty(Credentials(body));
    }

    [Theory]
    [InlineData("""{"status":429,"headers":{"retry-after":"3600"}}""", """["credential","transient"]""", "byok", 429)]
    [InlineData("""{"status":429}""", """["rate_limit"]""", "byok system", 200)]
    [InlineData("""{"as":"expired"}""", """[]""", "byok", 424)]
    [InlineData("""{"status":500}""", """["credential","rate_limit"]""", "byok byok", 502)]
    [InlineData("""{"status":500}""", """["transient"]""", "byok system", 200)]
    public async Task Only_a_failure_the_policy_names_crosses_to_the_system_key(string script, string classes, string credentials, int status)
    {
        (TestWorkspace workspace, string key) = await WithKeyAsync($$"""{"cross_to_system":{{classes}}}""");
        await stack.ScriptAsync(key, script);
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat(Hello));
        Assert.Equal(credentials.Split(' '), Credentials(body));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_provider_the_policy_does_not_allow_is_403_and_is_not_called()
    {
        (TestWorkspace workspace, string key) = await WithKeyAsync("""{"allowed_providers":["groq"]}""");
        int before = (await stack.JournalAsync(key)).Count;
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat(Hello));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("permission_denied", (string)body["error"]!["code"]!);
        Assert.Equal(before, (await stack.JournalAsync(key)).Count);

        (response, body) = await stack.SendAsync(workspace.Chat(Hello.Replace("openai/gpt-4o", "groq/llama-3.3-70b-versatile", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["system"], Credentials(body));
    }

    private async Task<(TestWorkspace Workspace, string Key)> WithKeyAsync(string policy)
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        await SetAsync(workspace, policy);
        return (workspace, key);
    }

    private Task<JsonNode> SetAsync(TestWorkspace workspace, string policy) =>
        stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/policy", JsonNode.Parse(policy));

    private static IEnumerable<string> Credentials(JsonNode body) =>
        body["metadata"]?["attempts"]?.AsArray().Select(attempt => (string)attempt!["credential_type"]!) ?? [];
}
