using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Router.Tests.EndToEnd;
using Router.Tests.Support;

namespace Router.Tests.Limits;

/// <summary>Limits as a caller meets them.</summary>
[Collection(StackCollection.Name)]
public sealed partial class LimitsOverHttpTests(Stack stack)
{
    private const string Hello = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}""";
    private const string Stream = """{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hello"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Hello, HttpStatusCode.OK)]
    [InlineData(Stream, HttpStatusCode.OK)]
    [InlineData("no json", HttpStatusCode.BadRequest)]
    public async Task Every_answer_says_what_is_left(string body, HttpStatusCode status)
    {
        TestWorkspace workspace = await WithLimitsAsync("""{"requests_per_second":500,"tokens_per_minute":100000}""");
        using HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat(body), Cancel);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("500", Header(response, "limit-requests"));
        Assert.Equal("499", Header(response, "remaining-requests"));
        Assert.Matches(Milliseconds(), Header(response, "reset-requests"));
        Assert.Equal("100000", Header(response, "limit-tokens"));
        Assert.Equal("100000", Header(response, "remaining-tokens"));
        Assert.Matches(Seconds(), Header(response, "reset-tokens"));
    }

    [Fact]
    public async Task Without_a_limit_there_is_no_header_and_a_stranger_gets_none()
    {
        TestWorkspace workspace = await WithLimitsAsync("""{"requests_per_second":0}""");
        using HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat(Hello), Cancel);
        using HttpResponseMessage stranger = await stack.Api.SendAsync(stack.Chat(Hello, token: "rk_nobody"), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        foreach (HttpResponseMessage one in (HttpResponseMessage[])[response, stranger])
            Assert.DoesNotContain(one.Headers, header => header.Key.StartsWith("x-ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Beyond_the_limit_is_429_in_the_envelope_before_the_body_is_read_and_over_in_a_second()
    {
        TestWorkspace workspace = await WithLimitsAsync("""{"requests_per_second":1}""");
        HttpResponseMessage? refused = null;
        // The window may end between two requests, not between each of many.
        for (int i = 0; i < 50 && refused is null; i++)
        {
            HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat("no json"), Cancel);
            refused = response.StatusCode == HttpStatusCode.TooManyRequests ? response : null;
        }

        Assert.NotNull(refused);
        JsonNode error = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancel))!["error"]!;
        Assert.Equal(("requests", "rate_limit_exceeded"), ((string)error["type"]!, (string)error["code"]!));
        Assert.Contains("limit of 1 requests per second", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        Assert.Equal(("1", "0"), (Header(refused, "limit-requests"), Header(refused, "remaining-requests")));
        Assert.NotEmpty(refused.Headers.GetValues("x-trace-id"));
        // The answer said a second; the rest is what a loaded machine may add.
        await Eventually.HoldsAsync(
            () => stack.Api.Send(workspace.Chat(Hello), Cancel).StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(5), Cancel);
    }

    [Theory]
    [InlineData(Hello)]
    [InlineData(Stream)]
    public async Task The_tokens_of_an_answer_count_and_the_minute_can_be_used_up(string body)
    {
        TestWorkspace workspace = await WithLimitsAsync("""{"requests_per_second":0,"tokens_per_minute":1}""");
        // The minute of this workspace may end in between, once.
        for (int i = 0; i < 4; i++)
        {
            using HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat(body), Cancel);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.Equal("tokens", (string)JsonNode.Parse(text)!["error"]!["type"]!);
                Assert.InRange(int.Parse(response.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
                Assert.Equal("0", Header(response, "remaining-tokens"));
                return;
            }

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Fail("Nothing was charged.");
    }

    [Fact]
    public async Task A_stream_the_caller_leaves_is_charged_for_what_came()
    {
        TestWorkspace workspace = await WithLimitsAsync("""{"tokens_per_minute":1000000}""");
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        await stack.ScriptAsync(key, """{"stallAfterChunks":3}""");
        using (HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat(Stream), HttpCompletionOption.ResponseHeadersRead, Cancel))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await using Stream content = await response.Content.ReadAsStreamAsync(Cancel);
            Assert.NotEqual(0, await content.ReadAsync(new byte[16], Cancel));
        }

        for (int i = 0; i < 200; i++)
        {
            using HttpResponseMessage later = await stack.Api.SendAsync(workspace.Chat("no json"), Cancel);
            if (long.Parse(Header(later, "remaining-tokens"), CultureInfo.InvariantCulture) is > 999_000 and < 1_000_000)
                return;
            await Task.Delay(25, Cancel);
        }

        Assert.Fail("Nothing was charged.");
    }

    [Fact]
    public async Task A_key_is_made_with_limits_of_its_own()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        JsonNode made = await stack.AdminAsync(HttpMethod.Post, $"/api/workspaces/{workspace.Id}/api-keys", JsonNode.Parse("""{"name":"small","limits":{"requests_per_second":7}}"""));
        Assert.Equal(7, (int)made["limits"]!["requests_per_second"]!);
        JsonNode listed = (await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/api-keys"))["api_keys"]!.AsArray().Single(key => (string)key!["name"]! == "small")!;
        Assert.Equal(7, (int)listed["limits"]!["requests_per_second"]!);
        using HttpResponseMessage response = await stack.Api.SendAsync(stack.Chat(Hello, token: (string)made["api_key"]!), Cancel);
        Assert.Equal("7", Header(response, "limit-requests"));
        using HttpResponseMessage other = await stack.Api.SendAsync(workspace.Chat(Hello), Cancel);
        Assert.Equal("1000", Header(other, "limit-requests"));
    }

    private async Task<TestWorkspace> WithLimitsAsync(string limits)
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        JsonNode policy = await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/policy", new JsonObject { ["limits"] = JsonNode.Parse(limits) });
        Assert.NotNull(policy["limits"]);
        return workspace;
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues($"x-ratelimit-{name}").Single();

    [GeneratedRegex("^([0-9]{1,3}ms|1s)$")]
    private static partial Regex Milliseconds();

    [GeneratedRegex(@"^([0-9]{1,3}ms|[0-9]{1,2}(\.[0-9]{1,3})?s|1m0s)$")]
    private static partial Regex Seconds();
}
