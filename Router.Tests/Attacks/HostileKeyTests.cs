using System.Collections.Frozen;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Router.Api.Dialects.OpenAI;
using Router.Api.Endpoints;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>What is pasted as a key, what proves one, and what becomes of one that is replaced.</summary>
public sealed class HostileKeyTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("google-ai-studio", """{"timestamp":"2026-01-01T00:00:00Z","status":404,"error":"Not Found","path":"/v1beta/models/gemini-flash-latest:countTokens"}""")]
    [InlineData("google-ai-studio", """{"error":"Not Found"}""")]
    [InlineData("google-ai-studio", """{"error":{}}""")]
    [InlineData("google-vertex", """{"error":"no such route"}""")]
    public async Task A_404_of_any_web_server_proves_no_key(string slug, string body)
    {
        Assert.Equal(KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, body, HttpStatusCode.NotFound)).Outcome);
    }

    [Theory]
    [InlineData("openai", """{"error":"authentication required by proxy"}""", 407)]
    [InlineData("openai", """{"message":"forbidden by the firewall"}""", 403)]
    [InlineData("openai", "Unauthorized", 401)]
    [InlineData("anthropic", """{"login":"https://sso.example"}""", 401)]
    public async Task An_answer_that_is_not_the_vendors_condemns_no_key(string slug, string body, int status)
    {
        KeyCheckOutcome outcome = (await CheckAsync(slug, body, (HttpStatusCode)status)).Outcome;
        Assert.True(outcome is KeyCheckOutcome.Unverifiable or KeyCheckOutcome.Limited, outcome.ToString());
    }

    [Theory]
    [InlineData("openai", """{"data":[{"id":"m"}],"error":{"message":"no"}}""")]
    [InlineData("openai", """{"data":{"id":"m"}}""")]
    [InlineData("openai", """[]""")]
    [InlineData("openai", """{"object":"list","data":[]}""")]
    [InlineData("google-ai-studio", """{"totalTokens":"login"}""")]
    [InlineData("deepinfra", """{"rate_limit":false}""")]
    [InlineData("xai", """{"api_key_blocked":"x"}""")]
    public async Task A_good_status_with_another_servers_json_proves_no_key(string slug, string body) =>
        Assert.Equal(KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, body, HttpStatusCode.OK)).Outcome);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_service_account_in_base64_is_no_api_key(bool indented)
    {
        string account = JsonSerializer.Serialize(new { type = "service_account", client_email = "a@b.example", private_key = FakeGoogle.PrivateKey, project_id = "p1" });
        // Google's own files are indented.
        account = indented ? account.Replace("{\"", "{\n  \"", StringComparison.Ordinal) : account;
        string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(account));
        ProviderDefinition vertex = ProviderTable.All.Single(one => one.Slug == "google-vertex");
        Assert.NotNull(CredentialText.Problem(new Secret(encoded), vertex));
        Assert.NotNull(KeyText.Problem(encoded));
    }

    [Theory]
    [InlineData("rk_abcdef_0123456789abcdef0123456789abcdef")]
    [InlineData("sk-one0123456789abcdef,sk-two0123456789abcdef")]
    [InlineData("sk-one0123456789abcdef;sk-two0123456789abcdef")]
    [InlineData("sk-0123456789abcdef\\n")]
    [InlineData("sk-0123456789abcdef\\nsk-fedcba9876543210")]
    [InlineData("'sk-0123456789abcdef")]
    [InlineData("sk-0123456789abcdef\u2010x")]
    [InlineData("sk-0123456789abcdef\u00ADx")]
    [InlineData("\uFEFFsk-0123456789abcdef")]
    [InlineData("sk-0123456789abcdef'")]
    public void What_is_no_key_is_named(string text) => Assert.NotNull(KeyText.Problem(text.Trim()));

    [Fact]
    public async Task A_body_that_is_no_text_is_refused_at_the_control_plane()
    {
        byte[] body = [.. "{\"service_account\":{\"client_email\":\"a"u8, 0xFF, .. "@b.example\",\"private_key\":\"x\",\"project_id\":\"p\"}}"u8];
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(body);
        context.Request.ContentLength = body.Length;
        (SaveProviderKeyRequest? read, Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult? problem) = await JsonBody.ReadAsync(context.Request, ControlPlaneJsonContext.Default.SaveProviderKeyRequest, Cancel);
        if (problem is not null)
        {
            return;
        }

        (Secret? key, _, string? detail) = read!.Read(ProviderTable.All.Single(one => one.Slug == "google-vertex"));
        Assert.Null(key);
        Assert.NotNull(detail);
    }

    [Theory]
    [InlineData("""{"type":"service_account","client_email":"\ud800@b.example","private_key":"x","project_id":"p"}""")]
    [InlineData("""{"client_email":5,"private_key":[],"project_id":{}}""")]
    [InlineData("""{"service_account":"{\"client_email\":\"\\ud800\"}"}""")]
    [InlineData("""{"service_account":[]}""")]
    [InlineData("""{"api_key":"\ud800"}""")]
    [InlineData("""{"client_email":"a@b","client_email":"c@d","private_key":"x","project_id":"p"}""")]
    public void An_operators_account_that_is_no_text_stops_no_start(string account)
    {
        using var services = pipeline.Build("http://127.0.0.1:1", ("GOOGLE_VERTEX_SERVICE_ACCOUNT", account), ("GOOGLE_CLOUD_PROJECT", "p"));
        var registry = (ProviderRegistry)services.GetService(typeof(ProviderRegistry))!;
        Assert.Contains(registry.SystemKeyProblems, problem => problem.Provider.Slug == "google-vertex");
    }

    [Fact]
    public void What_the_operator_wrote_into_an_address_is_told_to_nobody()
    {
        using var services = pipeline.Build("http://127.0.0.1:1", ("Router:Providers:mine:BaseUrl", "https://user:hunter2hunter2@llm.internal/v1"), ("Router:Providers:mine:ApiKey", "k-0123456789"));
        var registry = (ProviderRegistry)services.GetService(typeof(ProviderRegistry))!;
        Assert.True(registry.TryFind("mine", out Provider? mine));
        Assert.DoesNotContain("hunter2", mine.Definition.KeyPage.ToString(), StringComparison.Ordinal);
    }

    private async Task<KeyCheckResult> CheckAsync(string slug, string body, HttpStatusCode status)
    {
        using var http = new ProviderHttp(new Canned(() => new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") }));
        return await new KeyChecker(pipeline.Providers, http, TimeProvider.System).CheckAsync(ProviderTable.All.Single(one => one.Slug == slug), new Secret("sk-0123456789abcdef"), Cancel);
    }

    private sealed class Canned(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }
}
