using System.Net;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>A saved router that names a pool instead of a model.</summary>
[Collection(StackCollection.Name)]
public sealed class SavedRouterPoolTests(Stack stack)
{
    [Fact]
    public async Task A_choice_of_models_serves()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        await stack.AdminAsync(HttpMethod.Post, $"/router/v1/routers?workspace={workspace.Id}", JsonNode.Parse("""
            {"name":"pool","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_selection":{"models":["groq","openai/gpt-4o"],"ignore":["groq"],"sort":[{"metric":"SORT_METRIC_PRICE","direction":"SORT_DIRECTION_ASCENDING"},"latency"],"provider":{"order":["openai"],"allow_fallbacks":true}}},"weight":100}]}}
            """));
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat("""{"model":"inworld/pool","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.True(response.StatusCode == HttpStatusCode.OK, body.ToJsonString());
        Assert.Equal("openai/gpt-4o", (string)body["model"]!);
    }
}
