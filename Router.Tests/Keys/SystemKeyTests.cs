using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Keys;

/// <summary>The operator's keys come from files and environments, with whatever was pasted there.</summary>
public sealed class SystemKeyTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csk\u2013Zz9x8w7v6u5t")]
    [InlineData("\"csk-Zz9x8w7v6u5t\"")]
    [InlineData("csk-Zz9x 8w7v6u5t")]
    public async Task One_that_cannot_be_sent_is_told_at_the_start_and_costs_no_request_an_attempt(string key)
    {
        var logs = new RecordingLogs();
        await using var host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.AbsoluteUri, logs, settings:
        [
            ("Router:Providers:cerebras:ApiKey", key), ("Router:Providers:cerebras:BaseUrl", $"{pipeline.Simulator.BaseAddress}cerebras/v1"),
        ]);
        Assert.Contains("Router:Providers:cerebras:ApiKey", logs.Text, StringComparison.Ordinal);
        using var response = await host.Client.PostAsJsonAsync("/v1/chat/completions", new { model = "cerebras/x", messages = new[] { new { role = "user", content = "Hi" } } }, Token);
        var answer = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.FailedDependency, response.StatusCode);
        Assert.Equal("provider_credential_missing", JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("error").GetProperty("code").GetString());
        // Another provider is none the worse for it.
        using var other = await host.Client.PostAsJsonAsync("/v1/chat/completions", new { model = "openai/gpt-4o", messages = new[] { new { role = "user", content = "Hi" } } }, Token);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.DoesNotContain("Zz9x", answer + logs.Text, StringComparison.Ordinal);
        Assert.Empty(await pipeline.JournalAsync(key));
    }

    [Fact]
    public async Task Health_is_degraded_and_names_the_setting_while_one_is_of_no_use()
    {
        await using var services = pipeline.Build(pipeline.Simulator.BaseAddress!.AbsoluteUri, ("GROQ_API_KEY", "'gsk_Zz9x8w7v6u5t'"));
        var check = new SystemKeyCheck(services.GetRequiredService<ProviderRegistry>(), LoggerFactory.Create(_ => { }).CreateLogger<SystemKeyCheck>());
        var health = await check.CheckHealthAsync(new HealthCheckContext(), Token);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("GROQ_API_KEY", health.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("Zz9x", health.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await new SystemKeyCheck(pipeline.Providers, LoggerFactory.Create(_ => { }).CreateLogger<SystemKeyCheck>()).CheckHealthAsync(new HealthCheckContext(), Token)).Status);
    }
}
