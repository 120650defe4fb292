using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed class ModelsTests(Stack stack)
{
    [Fact]
    public async Task The_list_has_the_originals_shape_and_prices_per_token()
    {
        (HttpStatusCode status, JsonNode body) = await GetAsync("/llm/v1alpha/models?provider=openai", stack.RouterKey);
        Assert.Equal(HttpStatusCode.OK, status);
        JsonNode model = body["models"]!.AsArray().Single(entry => (string)entry!["model"]! == "gpt-4o")!;
        Assert.All(body["models"]!.AsArray(), entry => Assert.Equal("openai", (string)entry!["provider"]!));
        Assert.Equal(("OpenAI", 0.0000025m, 0.00001m), ((string)model["modelCreator"]!, (decimal)model["pricing"]!["prompt"]!, (decimal)model["pricing"]!["completion"]!));
        Assert.Equal((128000, true, true), ((int)model["spec"]!["contextLength"]!, (bool)model["spec"]!["capabilities"]!["functionCalling"]!, (bool)model["isSupported"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/llm/v1alpha/models?provider=nobody", stack.RouterKey)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/llm/v1alpha/models", "rk_wrong")).Status);
    }

    [Fact]
    public async Task OpenAIs_list_says_which_key_would_serve_the_workspace()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        await workspace.SaveKeyAsync("sim-good-" + workspace.Id);
        (_, JsonNode list) = await GetAsync("/v1/models", workspace.RouterKey);
        Assert.Equal("list", (string)list["object"]!);
        JsonNode Model(string id) => list["data"]!.AsArray().Single(entry => (string)entry!["id"]! == id)!;
        Assert.Equal("byok", (string)Model("openai/gpt-4o")["credential"]!["type"]!);
        Assert.Equal("system", (string)Model("anthropic/claude-opus-4-8")["credential"]!["type"]!);

        (HttpStatusCode status, JsonNode one) = await GetAsync("/v1/models/groq/openai/gpt-oss-120b", workspace.RouterKey);
        Assert.Equal((HttpStatusCode.OK, "groq/openai/gpt-oss-120b", "model"), (status, (string)one["id"]!, (string)one["object"]!));
        (status, one) = await GetAsync("/v1/models/openai/none-such", workspace.RouterKey);
        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), (status, (string)one["error"]!["code"]!));
    }

    [Fact]
    public async Task A_bare_name_is_served_by_a_provider_that_hosts_it()
    {
        (_, JsonNode body) = await stack.SendAsync(stack.Chat("""{"model":"gpt-oss-120b","messages":[{"role":"user","content":"Hello"}],"provider":{"order":["cerebras"]}}"""));
        Assert.Equal("cerebras/gpt-oss-120b", (string)body["model"]!);
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await stack.Api.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }
}
