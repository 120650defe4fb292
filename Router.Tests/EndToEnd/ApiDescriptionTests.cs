using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed partial class ApiDescriptionTests(Stack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("post", "/v1/chat/completions")]
    [InlineData("post", "/v1/chat/completions:explain")]
    [InlineData("post", "/api/workspaces")]
    [InlineData("get", "/api/workspaces")]
    [InlineData("get", "/api/workspaces/{ws}")]
    [InlineData("delete", "/api/workspaces/{ws}")]
    [InlineData("get", "/api/workspaces/{ws}/policy")]
    [InlineData("put", "/api/workspaces/{ws}/policy")]
    [InlineData("get", "/api/workspaces/{ws}/audit")]
    [InlineData("post", "/api/workspaces/{ws}/api-keys")]
    [InlineData("delete", "/api/workspaces/{ws}/api-keys/{id}")]
    [InlineData("put", "/api/workspaces/{ws}/provider-keys/{provider}")]
    [InlineData("post", "/api/workspaces/{ws}/provider-keys/{provider}/validate")]
    [InlineData("get", "/api/workspaces/{ws}/provider-keys/{provider}/history")]
    [InlineData("post", "/api/provider-keys/recheck")]
    [InlineData("get", "/api/providers")]
    [InlineData("put", "/api/providers/{provider}")]
    [InlineData("get", "/router/v1/routers")]
    [InlineData("post", "/router/v1/routers")]
    [InlineData("patch", "/router/v1/routers/{id}")]
    [InlineData("delete", "/router/v1/routers/{id}")]
    [InlineData("get", "/health")]
    public async Task The_description_lists_the_route_with_what_it_answers(string method, string path)
    {
        JsonNode operation = (await DescriptionAsync())["paths"]?[path]?[method] ?? throw new InvalidOperationException($"{method} {path} is not described.");
        JsonObject responses = operation["responses"]!.AsObject();
        Assert.NotEmpty(responses);
        Assert.NotNull(operation["summary"]);
        if (path.StartsWith("/api/", StringComparison.Ordinal))
        {
            Assert.NotNull(responses["401"]!["content"]!["application/problem+json"]);
            Assert.NotNull(responses["503"]);
        }
    }

    [Fact]
    public async Task Every_reference_and_the_attempts_of_an_answer_are_there()
    {
        JsonNode description = await DescriptionAsync();
        Assert.StartsWith("3.", (string)description["openapi"]!, StringComparison.Ordinal);
        Assert.Equal(["bearer", "basic"], description["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key));
        Assert.NotNull(description["components"]!["schemas"]!["RouterMetadata"]!["properties"]!["attempts"]);
        foreach (string reference in Reference().Matches(description.ToJsonString()).Select(match => match.Groups[1].Value).Distinct())
        {
            Assert.NotNull(reference.Split('/').Aggregate((JsonNode?)description, (node, name) => node?[name]));
        }
    }

    [Fact]
    public async Task A_receipt_has_all_of_its_members()
    {
        JsonNode receipt = (await DescriptionAsync())["components"]!["schemas"]!["UsageRecord"]!;
        Assert.Equal(receipt["properties"]!.AsObject().Select(member => member.Key), receipt["required"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public async Task The_page_is_served_from_here_alone_and_reads_the_description()
    {
        using HttpResponseMessage response = await stack.Api.GetAsync("/scalar", Cancel);
        string html = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("openapi/v1.json", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
    }

    private async Task<JsonNode> DescriptionAsync()
    {
        using HttpResponseMessage response = await stack.Api.GetAsync("/openapi/v1.json", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotMatch("(sk-|rk_)[A-Za-z0-9]", text);
        return JsonNode.Parse(text)!;
    }

    [GeneratedRegex("\"\\$ref\":\"#/([^\"]+)\"")]
    private static partial Regex Reference();
}
