using Router.Core.Routing.SavedRouters;

namespace Router.Tests.Routing.SavedRouters;

public sealed class RouterReferencesTests
{
    [Theory]
    [InlineData("""{"model_id":"openai/a/b"}""", null)]
    [InlineData("""{"model_id":"bare"}""", null)]
    [InlineData("""{"model_id":"nobody/a"}""", "model_id")]
    [InlineData("""{"model_selection":{"models":["openai","bare","groq/x"],"ignore":["openai/y"],"provider":{"order":["groq"],"only":["openai"]}}}""", null)]
    [InlineData("""{"model_selection":{"models":["router/x"]}}""", "model_selection.models")]
    [InlineData("""{"model_selection":{"ignore":["nobody/x"]}}""", "model_selection.ignore")]
    [InlineData("""{"model_selection":{"provider":{"order":["nobody"]}}}""", "model_selection.provider.order")]
    [InlineData("""{"model_selection":{"provider":{"only":["nobody"]}}}""", "model_selection.provider.only")]
    public void A_provider_that_does_not_exist_is_named_with_its_path_wherever_it_stands(string settings, string? path)
    {
        string variant = settings[1..^1];
        string route = $$$"""{"route_id":"ID","variants":[{"variant":{"variant_id":"v",{{{variant}}}},"weight":100}]}""";
        SavedRouter router = Definitions.Router(
            $$$"""{"name":"a","defaults":{{{settings}}},"routes":[{"route":{{{route.Replace("ID", "one", StringComparison.Ordinal)}}},"condition":{"cel_expression":"true"}}],"defaultRoute":{{{route.Replace("ID", "two", StringComparison.Ordinal)}}}}""");
        string[] expected = path is null ? [] : [$"defaults.{path}", $"routes[0].route.variants[0].variant.{path}", $"defaultRoute.variants[0].variant.{path}"];
        Assert.Equal(expected, RouterReferences.Check(router, name => name is "openai" or "groq").Select(problem => problem.Path));
    }
}
