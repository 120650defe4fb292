using System.Net;
using System.Text;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Keys;

/// <summary>A key check reads what answered: only the provider's own answer proves a key, or that it is wrong.</summary>
public sealed class KeyProofTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Key = "sk-Zz9x8w7v6u5t";
    private const string Page = "<!DOCTYPE html><html><title>Sign in to the network</title></html>";

    /// <summary>What each provider answers a good key, as its documentation shows it.</summary>
    private static readonly Dictionary<string, string> Good = new()
    {
        ["openai"] = """{"object":"list","data":[{"id":"gpt-4o","object":"model","created":1,"owned_by":"system"}]}""",
        ["anthropic"] = """{"data":[{"type":"model","id":"claude-x","display_name":"X","created_at":"2026-01-01T00:00:00Z"}],"has_more":true,"first_id":"claude-x","last_id":"claude-x"}""",
        ["google-ai-studio"] = """{"totalTokens":1,"promptTokensDetails":[{"modality":"TEXT","tokenCount":1}]}""",
        ["google-vertex"] = """{"totalTokens":1,"totalBillableCharacters":2}""",
        ["cerebras"] = """{"object":"list","data":[{"id":"gpt-oss-120b","object":"model"}]}""",
        ["deepinfra"] = """{"rate_limit":200}""",
        ["fireworks"] = """{"models":[{"name":"accounts/fireworks/models/x","displayName":"X","state":"READY"}],"nextPageToken":"a","totalSize":9}""",
        ["mistral"] = """{"object":"list","data":[{"id":"mistral-small","object":"model","capabilities":{}}]}""",
        ["groq"] = """{"object":"list","data":[{"id":"gpt-oss-120b","object":"model","active":true}]}""",
        ["xai"] = """{"redacted_api_key":"xai-...b14o","name":"k","acls":["api-key:model:*"],"api_key_id":"i","team_blocked":false,"api_key_blocked":false,"api_key_disabled":false}""",
    };

    /// <summary>Providers that answer in the same shape.</summary>
    private static readonly string[][] Alike = [["openai", "anthropic", "cerebras", "mistral", "groq"], ["google-ai-studio", "google-vertex"]];

    private static readonly string[] Nothing =
    [
        "", "{}", "[]", "null", "\"OK\"", "OK", Page, """{"object":"list","data":[]}""", """{"models":[]}""", """{"data":{}}""", """{"data":[{}]}""", """{"data":[{"id":""}]}""",
        """{"status":"ok","message":"please sign in"}""", """{"error":{"message":"no"}}""", """{"object":"list","data":[{"id":"gpt-4o""", """{"totalTokens":null}""",
    ];

    public static IEnumerable<TheoryDataRow<string>> Slugs => Good.Keys.Select(slug => new TheoryDataRow<string>(slug));

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task Only_an_answer_that_is_the_providers_own_proves_a_key(string slug)
    {
        Assert.Equal(KeyCheckOutcome.Valid, (await CheckAsync(slug, HttpStatusCode.OK, Good[slug])).Outcome);
        foreach (var (other, body) in Good.Where(one => one.Key != slug))
        {
            Assert.Equal(Array.Exists(Alike, group => group.Contains(slug) && group.Contains(other)) ? KeyCheckOutcome.Valid : KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, HttpStatusCode.OK, body)).Outcome);
        }

        foreach (string body in Nothing)
        {
            KeyCheckResult found = await CheckAsync(slug, HttpStatusCode.OK, body);
            Assert.True(found.Outcome == KeyCheckOutcome.Unverifiable, $"{slug}: {body}");
        }

        Assert.Equal(KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, HttpStatusCode.NoContent, "")).Outcome);
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task A_page_says_nothing_of_a_key_whatever_its_status(string slug)
    {
        foreach (int status in (int[])[200, 302, 400, 401, 402, 403, 404, 407, 429, 502, 511])
        {
            Assert.Equal(KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, (HttpStatusCode)status, Page, "text/html")).Outcome);
            Assert.Equal(KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, (HttpStatusCode)status, "\r\n " + Page, "application/json")).Outcome);
        }
    }

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task A_model_that_is_not_there_proves_a_key_only_where_the_provider_says_so(string slug)
    {
        bool named = pipeline.Providers.All.Single(one => one.Slug == slug).Definition.KeyCheck.Body is not null;
        Assert.Equal(
            named ? KeyCheckOutcome.Valid : KeyCheckOutcome.Unverifiable,
            (await CheckAsync(slug, HttpStatusCode.NotFound, """{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}""")).Outcome);
        Assert.Equal(KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, HttpStatusCode.NotFound, "{}")).Outcome);
        Assert.Equal(KeyCheckOutcome.Unverifiable, (await CheckAsync(slug, HttpStatusCode.NotFound, "404 page not found")).Outcome);
    }

    [Theory]
    [InlineData(401, "\"missing_scope\"")]
    [InlineData(401, "null")]
    [InlineData(403, "null")]
    public async Task A_key_that_lacks_a_scope_lives_and_the_scope_is_named(int status, string code)
    {
        KeyCheckResult found = await CheckAsync("openai", (HttpStatusCode)status, $$$"""
            {"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read. Check that you have the correct role.","type":"invalid_request_error","param":null,"code":{{{code}}}}}
            """);
        Assert.Equal((KeyCheckOutcome.Limited, false), (found.Outcome, found.Quota));
        Assert.Contains("api.model.read", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sk-Zz9x8w7v6u5t")]
    [InlineData("zz9x8w7v6u5t.zz9x")]
    [InlineData("ab.cd\\nINFO: all is well")]
    [InlineData("ab.cd<script>")]
    public async Task A_scope_that_is_no_scopes_name_is_not_repeated(string scope)
    {
        KeyCheckResult found = await CheckAsync("openai", HttpStatusCode.Unauthorized, $$$"""{"error":{"message":"Missing scopes: {{{scope}}}","type":"invalid_request_error","code":"missing_scope"}}""");
        Assert.Equal(KeyCheckOutcome.Limited, found.Outcome);
        Assert.DoesNotContain("zz9x", found.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("INFO", found.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("script", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong key", """{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}""")]
    [InlineData("a word of scopes beside a code that says more", """{"error":{"message":"Incorrect API key provided. Missing scopes: api.model.read","type":"authentication_error","code":"invalid_api_key"}}""")]
    public async Task A_wrong_key_is_wrong_whatever_else_is_said(string why, string body) =>
        Assert.True((await CheckAsync("openai", HttpStatusCode.Unauthorized, body)).Outcome == KeyCheckOutcome.Invalid, why);

    [Theory]
    [InlineData("", """[{"id":"m"}]""", KeyCheckOutcome.Valid)]
    [InlineData("", """{"models":[{"name":"m"}]}""", KeyCheckOutcome.Valid)]
    [InlineData("", """{"data":[]}""", KeyCheckOutcome.Unverifiable)]
    [InlineData("", "{}", KeyCheckOutcome.Unverifiable)]
    [InlineData("account", """{"name":"me"}""", KeyCheckOutcome.Valid)]
    [InlineData("account", """{"error":"no"}""", KeyCheckOutcome.Unverifiable)]
    [InlineData("account", "{}", KeyCheckOutcome.Unverifiable)]
    [InlineData("account", Page, KeyCheckOutcome.Unverifiable)]
    public async Task A_configured_provider_proves_its_keys_by_a_list_of_models_or_by_what_its_own_check_says(string check, string body, KeyCheckOutcome outcome)
    {
        await using var services = pipeline.Build("http://127.0.0.1:9", ("Router:Providers:mine:BaseUrl", "http://127.0.0.1:9/v1"), ("Router:Providers:mine:KeyCheck", check));
        var providers = (ProviderRegistry)services.GetService(typeof(ProviderRegistry))!;
        Assert.Equal(outcome, (await CheckAsync(providers, "mine", HttpStatusCode.OK, body)).Outcome);
    }

    private Task<KeyCheckResult> CheckAsync(string slug, HttpStatusCode status, string body, string type = "application/json") => CheckAsync(pipeline.Providers, slug, status, body, type);

    private static async Task<KeyCheckResult> CheckAsync(ProviderRegistry providers, string slug, HttpStatusCode status, string body, string type = "application/json")
    {
        using var http = new ProviderHttp(new Answering(status, body, type));
        var definition = providers.All.Single(provider => provider.Slug == slug).Definition;
        KeyCheckResult found = await new KeyChecker(providers, http, TimeProvider.System).CheckAsync(definition, new Secret(Key), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Zz9x8w7v6u5t", found.Message, StringComparison.Ordinal);
        return found;
    }

    private sealed class Answering(HttpStatusCode status, string body, string type) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, type) });
    }
}
