using System.Net;
using System.Text;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>Lines of logs that a caller or a provider forges, at every level; and answers of the token endpoint that are no text.</summary>
public sealed class HostileLogTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/v1/models/x%0AFORGED%1b%5b31m")]
    [InlineData("GET", "/v1/x%0D%0AFORGED")]
    [InlineData("POST", "/v1/chat/completions%0AFORGED")]
    [InlineData("GET", "/nothing%0AFORGED%E2%80%AE")]
    [InlineData("POST", "/v1/chat/completions?x=%0AFORGED")]
    public async Task A_path_forges_no_line(string method, string path)
    {
        var logs = new RecordingLogs();
        await using (ApiHost api = await ApiHost.StartAsync("http://127.0.0.1:1", logs, null, null, _ => { }))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
            using HttpResponseMessage response = await api.Client.SendAsync(request, Cancel);
            Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        Assert.DoesNotContain("\nFORGED", logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"openai/x\nFORGED\u001b[31m\u202e","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"x\nFORGED","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"router/x\nFORGED","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"auto","models":["openai/x\nFORGED"],"sort":["x\nFORGED"],"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"auto","ignore":["openai/x\nFORGED"],"user":"u\nFORGED","metadata":{"a\nFORGED":"b\nFORGED"},"messages":[{"role":"user\nFORGED","content":"Hi"}]}""")]
    [InlineData("""{"model":"openai/a","stop":["\nFORGED"],"tools":[{"type":"function","function":{"name":"\nFORGED"}}],"messages":[{"role":"user","content":"Hi"}]}""")]
    public async Task A_body_forges_no_line(string body)
    {
        var logs = new RecordingLogs();
        await using (ApiHost api = await ApiHost.StartAsync("http://127.0.0.1:1", logs, null, null, _ => { }, ("Router:Fallback:LongestWait", "00:00:00")))
        {
            using HttpResponseMessage response = await api.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
            Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        Assert.DoesNotContain("\nFORGED", logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"\ud800":1,"error":"invalid_grant"}""")]
    [InlineData(400, """{"error":"\ud800"}""")]
    [InlineData(200, """{"\ud800":1}""")]
    [InlineData(200, """{"access_token":"\ud800","expires_in":3599}""")]
    [InlineData(200, """{"access_token":"ya29.t","expires_in":1e999}""")]
    [InlineData(200, """{"access_token":"ya29.t","expires_in":-1}""")]
    [InlineData(200, """[]""")]
    [InlineData(200, """{"access_token":"ya29.t\r\nX-Forged: 1","expires_in":3599}""")]
    public async Task A_token_endpoint_may_say_anything(int status, string body)
    {
        string account = System.Text.Json.JsonSerializer.Serialize(new { client_email = "a@b.example", private_key = FakeGoogle.PrivateKey, project_id = "p1" });
        ScriptedRouter router = new(pipeline, (call, _) => call.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal) ? ScriptedRouter.Json(body, (HttpStatusCode)status) : ScriptedRouter.GoodFor(call));
        ChatRequest request = pipeline.Request($$$"""{"model":"google-vertex/gemini-2.5-flash","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"google-vertex":{"service_account":{{{account}}},"fallback_to_system":false} } }""");
        try
        {
            Assert.Equal("fine", await router.AskAsync(request, Cancel));
        }
        catch (RouterException e)
        {
            Assert.InRange(e.Error.Status, 400, 599);
        }

        using var http = new ProviderHttp(new Canned(body, status));
        KeyCheckResult result = await new KeyChecker(pipeline.Providers, http, TimeProvider.System).CheckAsync(ProviderTable.All.Single(one => one.Slug == "google-vertex"), new Secret(account), Cancel);
        Assert.NotEqual(KeyCheckOutcome.Valid, result.Outcome);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(401)]
    public async Task An_error_that_is_no_text_is_still_the_next_models_turn(int status)
    {
        ScriptedRouter router = new(pipeline, (call, _) => call.RequestUri!.AbsolutePath.StartsWith("/openai", StringComparison.Ordinal)
            ? ScriptedRouter.Json("""{"error":{"message":"\ud83d","type":"t"}}""", (HttpStatusCode)status)
            : ScriptedRouter.Json(ScriptedRouter.Good));
        Assert.Equal("fine", await router.AskAsync(pipeline.Request("""{"model":"openai/a","models":["groq/b"],"messages":[{"role":"user","content":"Hi"}]}"""), Cancel));
    }

    private sealed class Canned(string body, int status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(request.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal) ? ScriptedRouter.Json(body, (HttpStatusCode)status) : ScriptedRouter.Json("{}", HttpStatusCode.Unauthorized));
    }
}
