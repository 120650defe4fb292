using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Keys;

/// <summary>An answer of one token proves a key only where it is a model's; whatever else comes changes nothing and breaks nothing.</summary>
public sealed class ProbeProofTests(Pipeline pipeline, PostgresFixture postgres) : IClassFixture<Pipeline>
{
    private const string Scopes = """{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read.","type":"invalid_request_error","param":null,"code":null}}""";

    private static readonly string[] Junk =
    [
        "", "{}", "[]", "null", "OK", "<html>Sign in</html>", """{"choices":[]}""", """{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"}""",
        """{"status":"ok"}""", """{"content":[]}""", """{"candidates":[]}""", """{"error":{"message":"no"}}""",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Slugs => ProviderTable.All.Select(provider => new TheoryDataRow<string>(provider.Slug));

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task What_is_no_models_answer_lifts_and_holds_nothing_against_a_key(string slug)
    {
        var provider = pipeline.Providers.All.Single(one => one.Slug == slug).Definition;
        var limited = new KeyCheckResult(KeyCheckOutcome.Limited, "May not list.", UpstreamStatus: 403);
        var valid = new KeyCheckResult(KeyCheckOutcome.Valid, "Fine.");
        foreach (string body in Junk)
        {
            foreach (var found in (KeyCheckResult[])[limited, valid])
                Assert.Equal((slug, body, found), (slug, body, await SharpenAsync(provider, found, HttpStatusCode.OK, body)));
        }
    }

    [Theory]
    [InlineData("""{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""", KeyCheckOutcome.Valid)]
    [InlineData("{}", KeyCheckOutcome.Limited)]
    public async Task A_key_that_may_not_list_models_is_good_once_a_model_has_answered(string body, KeyCheckOutcome outcome)
    {
        var provider = pipeline.Providers.All.Single(one => one.Slug == "openai").Definition;
        using var http = new ProviderHttp(new Answering(_ => (HttpStatusCode.Unauthorized, Scopes)));
        KeyCheckResult found = await new KeyChecker(pipeline.Providers, http, TimeProvider.System).CheckAsync(provider, new Secret("sk-restricted-1"), Token);
        Assert.Equal(KeyCheckOutcome.Limited, found.Outcome);
        Assert.Equal(outcome, (await SharpenAsync(provider, found, HttpStatusCode.OK, body)).Outcome);
    }

    [Fact]
    public async Task A_key_that_is_deleted_during_its_check_is_not_asked_for_an_answer()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        var ring = TestKeys.Ring();
        var store = TestKeys.ProviderKeys(database, ring);
        await store.SaveAsync("one", "openai", new Secret("sk-deleted-meanwhile"), TestKeys.Verdict(), Token);
        var stored = (await store.FindSealedAsync("one", "openai", Token))!;
        List<string> asked = [];
        var answering = new Answering(request =>
        {
            asked.Add(request.RequestUri!.AbsolutePath);
            return (HttpStatusCode.OK, """{"object":"list","data":[{"id":"m"}]}""");
        })
        {
            Before = async () => await store.DeleteAsync("one", "openai", Token),
        };
        using var http = new ProviderHttp(answering);
        var rechecker = TestKeys.Rechecker(database, ring, new KeyChecker(pipeline.Providers, http, TimeProvider.System), providers: pipeline.Providers, probe: Probe(http));
        Assert.Null(await rechecker.RecheckAsync(stored, null, TimeSpan.FromSeconds(10), Token));
        Assert.EndsWith("/models", Assert.Single(asked), StringComparison.Ordinal);
    }

    private async Task<KeyCheckResult> SharpenAsync(ProviderDefinition provider, KeyCheckResult found, HttpStatusCode status, string body)
    {
        using var http = new ProviderHttp(new Answering(_ => (status, body)));
        return await Probe(http).SharpenAsync(provider, new Secret("sk-restricted-1"), found, Token);
    }

    private InferenceProbe Probe(ProviderHttp http) =>
        new(pipeline.Providers, new ProviderClients(pipeline.Providers, http), pipeline.Catalog, pipeline.Services.GetRequiredService<AttemptCosts>(), TimeProvider.System);

    private sealed class Answering(Func<HttpRequestMessage, (HttpStatusCode Status, string Body)> answer) : HttpMessageHandler
    {
        public Func<Task> Before { get; init; } = () => Task.CompletedTask;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Before();
            var (status, body) = answer(request);
            return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }
}
