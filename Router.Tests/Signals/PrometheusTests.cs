using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Usage;
using Router.Tests.Chat;
using Router.Tests.Support;

namespace Router.Tests.Signals;

/// <summary>Who may scrape. That the numbers are there, <see cref="SignalDocumentsTests"/> shows.</summary>
[Collection(TelemetryParityTests.Name)]
public sealed class PrometheusTests(PostgresFixture postgres)
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

    /// <summary>Losses come in bursts: one that begins the series is a rise to nobody.</summary>
    [Fact]
    public async Task Counters_of_losses_are_there_before_anything_is_lost()
    {
        await using NpgsqlDataSource database = await postgres.CreateDatabaseAsync(Token);
        string spool = Path.Combine(Path.GetTempPath(), $"router-zero-{Guid.NewGuid():N}");
        await using WebApplication app = await PrometheusHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton(database).AddSingleton(TimeProvider.System).AddSingleton<ProviderRegistry>();
                builder.Services.AddRouterKeys(builder.Configuration, KeyHosting.Health);
                builder.Services.AddUsageRecords(builder.Configuration);
            },
            ("Router:Telemetry:PrometheusAnonymous", "true"), ("Router:MasterKeys:0", $"k1:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}"), ("Router:Usage:SpoolDirectory", spool));
        string[] expected = ["router_usage_dropped_total", "router_usage_spooled_total", "router_usage_written_total", "router_health_dropped_total"];
        string[] missing = [];
        for (int i = 0; i < 50; i++)
        {
            string scraped = await PrometheusHost.ScrapeAsync(app, Token);
            missing = [.. expected.Where(series => !Regex.IsMatch(scraped, $@"^{series}(\{{[^}}]*\}})? \d", RegexOptions.Multiline))];
            if (missing.Length == 0)
            {
                break;
            }

            // The exporter answers from its cache for a while.
            await Task.Delay(200, Token);
        }

        Assert.Equal([], missing);
    }

    [Fact]
    public async Task A_service_that_does_not_know_who_may_scrape_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => PrometheusHost.StartAsync());
        Assert.Contains("Router:Telemetry:PrometheusKey", refused.Message, StringComparison.Ordinal);
    }
}
