using System.Text;
using System.Text.Json.Nodes;
using Router.Core.Routing.SavedRouters;

namespace Router.Tests.Routing.SavedRouters;

public sealed class RouterPatchTests
{
    private const string Before = """{"name":"a","displayName":"A","defaults":{"model_id":"openai/x","text_generation_config":{"seed":1}},"defaultRoute":{"route_id":"d","variants":[]}}""";

    [Theory]
    [InlineData(null, """{"displayName":"B"}""", """{"name":"a","displayName":"B","defaults":{"model_id":"openai/x","text_generation_config":{"seed":1}},"defaultRoute":{"route_id":"d","variants":[]}}""")]
    [InlineData("", """{"display_name":null}""", """{"name":"a","defaults":{"model_id":"openai/x","text_generation_config":{"seed":1}},"defaultRoute":{"route_id":"d","variants":[]}}""")]
    [InlineData("displayName", """{"name":"a","display_name":"B","defaults":{}}""", """{"name":"a","displayName":"B","defaults":{"model_id":"openai/x","text_generation_config":{"seed":1}},"defaultRoute":{"route_id":"d","variants":[]}}""")]
    [InlineData("display_name, defaults", """{"displayName":"B"}""", """{"name":"a","display_name":"B","defaultRoute":{"route_id":"d","variants":[]}}""")]
    [InlineData("defaults.textGenerationConfig", """{"defaults":{"model_id":"y","text_generation_config":{"seed":2}}}""", """{"name":"a","displayName":"A","defaults":{"model_id":"openai/x","textGenerationConfig":{"seed":2}},"defaultRoute":{"route_id":"d","variants":[]}}""")]
    [InlineData("defaults.text_generation_config.seed", "{}", """{"name":"a","displayName":"A","defaults":{"model_id":"openai/x","text_generation_config":{}},"defaultRoute":{"route_id":"d","variants":[]}}""")]
    [InlineData("*", """{"name":"b","routes":[]}""", """{"name":"a","routes":[]}""")]
    [InlineData("name", """{"name":"b"}""", Before)]
    public void Only_what_the_mask_names_changes(string? mask, string patch, string after) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(after), JsonNode.Parse(Apply(patch, mask)!)), Apply(patch, mask));

    [Theory]
    [InlineData("a b")]
    [InlineData("defaults..x")]
    [InlineData("display_name,")]
    [InlineData("routes[0]")]
    [InlineData("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a")]
    public void What_is_no_mask_is_refused(string mask) => Assert.Null(Apply("{}", mask));

    [Fact]
    public void The_changed_members_are_named() => Assert.Equal(
        ["defaults", "displayName"],
        RouterPatch.Changed(Encoding.UTF8.GetBytes(Before), """{"name":"a","defaults":{"model_id":"y"},"defaultRoute":{"route_id":"d","variants":[]}}"""u8));

    private static string? Apply(string patch, string? mask) =>
        RouterPatch.Apply(Encoding.UTF8.GetBytes(Before), Encoding.UTF8.GetBytes(patch), mask) is { } after ? Encoding.UTF8.GetString(after) : null;
}
