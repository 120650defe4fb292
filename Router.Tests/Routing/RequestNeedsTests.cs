using System.Text;
using Microsoft.Extensions.AI;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Routing;

public sealed class RequestNeedsTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]}""", ModelFeatures.Text)]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"tools":[],"response_format":{"type":"json_object"}}""", ModelFeatures.Text)]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"web_search"}]}""", ModelFeatures.Text | ModelFeatures.Tools)]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"extra_body":{"functions":[{"name":"f"}]}}""", ModelFeatures.Text | ModelFeatures.Tools)]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"response_format":{"json_schema":{"type":"x"},"type":"json_schema"}}""", ModelFeatures.Text | ModelFeatures.ResponseSchema)]
    [InlineData("""{"messages":[{"role":"user","content":[{"image_url":{"url":"data:image/png;base64,AA"},"type":"image_url"}]}]}""", ModelFeatures.Text | ModelFeatures.Images)]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA"}},{"type":"file","file":{"file_data":"AA"}}]}]}""", ModelFeatures.Text | ModelFeatures.Audio | ModelFeatures.Documents)]
    [InlineData("""{"messages":[{"role":"user","content":"image_url"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"file":{}}}}}]}""", ModelFeatures.Text | ModelFeatures.Tools)]
    public void What_a_model_must_take_is_read_from_the_bytes(string members, ModelFeatures features) =>
        Assert.Equal(features, Of(members).Features);

    [Fact]
    public void Text_counts_and_encoded_files_do_not()
    {
        string text = new('x', 60_000);
        Assert.InRange(Of($$"""{"messages":[{"role":"user","content":"{{text}}"}]}""").LeastTokens, 10_000, 10_010);
        Assert.InRange(Of($$$"""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{text}}}"}}]}]}""").LeastTokens, 0, 10);
        string escaped = string.Concat(Enumerable.Repeat("\\u0435", 6_000));
        Assert.InRange(Of($$"""{"messages":[{"role":"user","content":"{{escaped}}"}]}""").LeastTokens, 2_000, 2_010);
    }

    [Fact]
    public void A_caller_in_the_process_says_it_with_types()
    {
        ChatMessage message = new(ChatRole.User, [new TextContent("Hello!"), new UriContent("https://example.org/a.png", "image/png"), new DataContent(Encoding.UTF8.GetBytes("%PDF"), "application/pdf")]);
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")], ResponseFormat = ChatResponseFormat.ForJsonSchema<int>() };
        Assert.Equal(
            new RequestNeeds(ModelFeatures.Text | ModelFeatures.Images | ModelFeatures.Documents | ModelFeatures.Tools | ModelFeatures.ResponseSchema, 6),
            TypedNeeds.Of([message], options));
    }

    private RequestNeeds Of(string members) => pipeline.Request($$"""{"model":"auto",{{members[1..]}}""").Options.Request.Source!.Needs();
}
