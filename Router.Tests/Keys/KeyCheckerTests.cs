using System.Net;
using System.Text;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Keys;

public sealed class KeyCheckerTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static readonly string LongList = $$"""{"object":"list","data":[{{string.Join(',', Enumerable.Range(0, 2_000).Select(i => $$"""{"id":"model-{{i}}","description":"{{new string('d', 300)}}"}"""))}}]}""";

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    [InlineData("mistral")]
    [InlineData("groq")]
    public async Task A_key_is_good_however_long_the_list_of_models_it_opens(string slug) =>
        Assert.Equal(KeyCheckOutcome.Valid, await OutcomeAsync(slug, HttpStatusCode.OK, LongList));

    [Theory]
    [InlineData("""{"api_key_blocked":true}""", KeyCheckOutcome.Invalid)]
    [InlineData("""{"api_key_blocked":false}""", KeyCheckOutcome.Valid)]
    [InlineData(null, KeyCheckOutcome.Unverifiable)]
    public async Task A_body_that_tells_of_a_dead_key_is_read_whole(string? body, KeyCheckOutcome outcome) =>
        Assert.Equal(outcome, await OutcomeAsync("xai", HttpStatusCode.OK, body ?? LongList));

    [Fact]
    public async Task A_refusal_is_one_however_long_it_is() =>
        Assert.Equal(KeyCheckOutcome.Invalid, await OutcomeAsync("openai", HttpStatusCode.Unauthorized, LongList));

    private async Task<KeyCheckOutcome> OutcomeAsync(string slug, HttpStatusCode status, string body)
    {
        using var http = new ProviderHttp(new Answering(status, body));
        var checker = new KeyChecker(pipeline.Providers, http, TimeProvider.System);
        var definition = pipeline.Providers.All.Single(provider => provider.Slug == slug).Definition;
        return (await checker.CheckAsync(definition, new Secret("sk-good"), TestContext.Current.CancellationToken)).Outcome;
    }

    private sealed class Answering(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}
