using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Router.Tests.Chat;

namespace Router.Tests.Signals;

/// <summary>Who may scrape. That the numbers are there, <see cref="SignalDocumentsTests"/> shows.</summary>
[Collection(TelemetryParityTests.Name)]
public sealed class PrometheusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PrometheusKey", "scrape-key", "scrape-key", HttpStatusCode.OK)]
    [InlineData("PrometheusKey", "scrape-key", "admin-key", HttpStatusCode.Unauthorized)]
    [InlineData("PrometheusKey", "scrape-key", null, HttpStatusCode.Unauthorized)]
    [InlineData("PrometheusKey", "", "admin-key", HttpStatusCode.OK)]
    [InlineData("PrometheusAnonymous", "true", null, HttpStatusCode.OK)]
    [InlineData("Prometheus", "false", "admin-key", HttpStatusCode.NotFound)]
    public async Task Metrics_are_for_who_has_the_key_unless_they_are_open_or_off(string setting, string value, string? key, HttpStatusCode expected)
    {
        await using WebApplication app = await PrometheusHost.StartAsync(("Router:AdminKey", "admin-key"), ($"Router:Telemetry:{setting}", value));
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await client.GetAsync("/metrics", Token);
        Assert.Equal(expected, response.StatusCode);
        if (expected != HttpStatusCode.OK)
        {
            Assert.Empty(await response.Content.ReadAsStringAsync(Token));
        }
    }

    [Fact]
    public async Task A_service_that_does_not_know_who_may_scrape_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => PrometheusHost.StartAsync());
        Assert.Contains("Router:Telemetry:PrometheusKey", refused.Message, StringComparison.Ordinal);
    }
}
