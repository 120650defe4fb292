using System.Net;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed class RoutingTests(Stack stack)
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";

    [Fact]
    public async Task A_pool_of_one_provider_never_leaves_it_not_even_on_failure()
    {
        string key = $"sim-down-{Guid.NewGuid():N}";
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(stack.Chat(
            $$$"""{"model_id":"auto","models":["openai"],"sort":["price"],"provider_credentials":{"openai":{"api_key":"{{{key}}}","fallback_to_system":false}},{{{Messages}}}}"""));
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        string[] tried = [.. body["metadata"]!["attempts"]!.AsArray().Select(attempt => (string)attempt!["model"]!)];
        Assert.Equal(16, tried.Length);
        // The first model gets its second try at once.
        Assert.Equal(15, tried.Distinct().Count());
        Assert.Equal(tried[0], tried[1]);
        Assert.All(tried, model => Assert.StartsWith("openai/", model, StringComparison.Ordinal));
        JsonArray sent = await stack.JournalAsync(key);
        Assert.Equal(16, sent.Count);
        Assert.All(sent, entry => Assert.Equal("openai", (string)entry!["provider"]!));
    }

    [Fact]
    public async Task Auto_serves_with_the_best_of_the_pool_and_says_why()
    {
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(stack.Chat(
            $$"""{"model":"auto","models":["openai/gpt-4o","gpt-4o-mini"],"extra_body":{"sort":["price"]},{{Messages}}}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("openai/gpt-4o-mini", (string)body["model"]!);
        Assert.StartsWith("Of 2 models in the pool 2 may serve, ranked by price; openai/gpt-4o-mini is tried first with", (string)body["metadata"]!["reasoning"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"sort\":[\"price\",\"charm\"]", "sort")]
    [InlineData("\"models\":[\"openai\"],\"ignore\":[\"openai\"]", "models")]
    public async Task What_leaves_no_choice_is_400_with_the_member_named(string members, string member)
    {
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(stack.Chat($$"""{"model":"auto",{{members}},{{Messages}}}"""));
        Assert.Equal((HttpStatusCode.BadRequest, member), (response.StatusCode, (string)body["error"]!["param"]!));
    }

    [Fact]
    public async Task Explain_answers_the_plan_and_calls_nobody()
    {
        string key = $"sim-good-{Guid.NewGuid():N}";
        (HttpResponseMessage response, JsonNode body) = await ExplainAsync(
            $$$"""{"model":"auto","models":["openai","groq","mistral"],"sort":["price"],"ignore":["mistral"],"provider_credentials":{"openai":{"api_key":"{{{key}}}","fallback_to_system":false}},"tools":[{"type":"function","function":{"name":"f"}}],{{{Messages}}}}""", stack.RouterKey);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await stack.JournalAsync(key));
        Assert.DoesNotContain(key, body.ToJsonString(), StringComparison.Ordinal);

        JsonArray entries = body["entries"]!.AsArray();
        Assert.Equal(16, entries.Count);
        Assert.Equal(entries.Select(entry => (double)entry!["pricing"]!["blended"]!).Order(), entries.Select(entry => (double)entry!["pricing"]!["blended"]!));
        Assert.All(entries, entry => Assert.True((bool)entry!["health"]!["usable"]!));
        JsonNode own = entries.First(entry => (string)entry!["provider"]! == "openai")!;
        Assert.Equal(("byok", "runtime"), ((string)own["credential_type"]!, (string)own["credential_source"]!));
        Assert.Matches("^[0-9a-f]{16}$", (string)own["credential_fingerprint"]!);

        ILookup<string, JsonNode> excluded = body["excluded"]!.AsArray().ToLookup(entry => (string)entry!["reason"]!, entry => entry!);
        Assert.All(excluded["ignored"], entry => Assert.Equal("mistral", (string)entry["provider"]!));
        Assert.Contains(excluded["not_suitable"], entry => (string)entry["model"]! == "openai/gpt-3.5-turbo");
        Assert.Contains(excluded["system_key_off"], entry => (string?)entry["credential_type"] == "system");
        Assert.NotEmpty(excluded["beyond_limit"]);
    }

    [Fact]
    public async Task Explain_wants_the_same_key_and_the_same_body()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await ExplainAsync($$"""{"model":"auto",{{Messages}}}""", "rk_nobody_nothing")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await ExplainAsync("""{"model":"auto"}""", stack.RouterKey)).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ExplainAsync($$"""{"model":"nobody/x",{{Messages}}}""", stack.RouterKey)).Response.StatusCode);
    }

    private Task<(HttpResponseMessage Response, JsonNode Body)> ExplainAsync(string body, string token)
    {
        HttpRequestMessage request = stack.Chat(body, "Bearer", token);
        request.RequestUri = new Uri("/v1/chat/completions:explain", UriKind.Relative);
        return stack.SendAsync(request);
    }
}
