using Microsoft.Extensions.Options;
using Router.Api.Studio;
using Router.Tests.Support;

namespace Router.Tests.Studio;

public sealed class StudioSettingsTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("", true)]
    [InlineData("http://localhost:15000/traces/detail/{traceId}", true)]
    [InlineData("https://grafana.example/explore?left=%5B%22{traceId}%22%5D", true)]
    [InlineData("https://grafana.example/explore", false)]
    [InlineData("/traces/{traceId}", false)]
    [InlineData("javascript:alert('{traceId}')", false)]
    [InlineData("file:///traces/{traceId}", false)]
    [InlineData("https://{traceId} example/", false)]
    public void A_trace_url_is_an_absolute_web_address_with_a_place_for_the_trace(string url, bool usable) =>
        Assert.Equal(usable, new StudioSettings { TraceUrl = url }.IsUsable);

    [Fact]
    public void A_link_holds_the_trace_escaped()
    {
        Assert.Equal("http://t/a%2Fb/x", new StudioSettings { TraceUrl = "http://t/{traceId}/x" }.LinkTo("a/b"));
        Assert.Null(new StudioSettings().LinkTo("a"));
    }

    [Fact]
    public async Task A_trace_url_that_leads_nowhere_keeps_the_api_from_starting()
    {
        var token = TestContext.Current.CancellationToken;
        await using var database = await postgres.CreateDatabaseAsync(token);
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StudioHost.StartAsync(database, token, ("Router:Studio:TraceUrl", "https://traces.example/")));
        Assert.Contains("Router:Studio:TraceUrl", refused.Message, StringComparison.Ordinal);
    }
}
