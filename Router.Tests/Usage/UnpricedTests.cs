using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Keys;
using Router.Core.Telemetry;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>A price that nobody knows is not the price of nothing; and what is counted is counted the same everywhere.</summary>
public sealed class UnpricedTests(Pipeline pipeline, PostgresFixture postgres) : IClassFixture<Pipeline>
{
    private const string Counted = ",\"stream_options\":{\"include_usage\":true}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("openai/nobody-knows-it", null, true)]
    [InlineData("openai/nobody-knows-it", "sim-good-own", false)]
    [InlineData("openai/gpt-4o", null, false)]
    public async Task The_answer_warns_where_the_operators_key_paid_an_unknown_price(string model, string? key, bool warned)
    {
        int counted = 0;
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            counted += instrument == ChatTelemetry.Unpriced && tags.Contains(new(Tags.CredentialType, key is null ? "system" : "byok")) ? (int)value : 0);
        meters.Start();
        foreach (string stream in (string[])["false", "true"])
        {
            await using ApiHost api = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), null, null, Pipeline.Workspace(key), null);
            using var content = new StringContent($$"""{"model":"{{model}}","stream":{{stream}},"messages":[{"role":"user","content":"Hi"}]}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await api.Client.PostAsync("/v1/chat/completions", content, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(warned, (await response.Content.ReadAsStringAsync(Token)).Contains($"No price of {model} is known", StringComparison.Ordinal));
        }

        // Others may be at it meanwhile.
        Assert.True(model == "openai/gpt-4o" || counted >= 2);
    }

    [Fact]
    public async Task Sums_count_what_has_no_price_and_hold_nothing_of_it()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using HttpClient admin = host.Client();
        await new UsageStore(database).WriteAsync(
            new UsageBatch().AddAll(
            [
                Receipt("unpriced", 10, null, null), Receipt("unpriced", 10, null, "priority"),
                Receipt("mixed", 10, null, null), Receipt("mixed", 10, 0.5m, "long_context+flex"),
                Receipt("refused", null, null, null), Receipt("free", 10, 0, "standard"),
            ]),
            Token);
        JsonNode usage = JsonNode.Parse(await admin.GetStringAsync("/api/workspaces/default/usage?group_by=model", Token))!;
        Dictionary<string, (long Unpriced, decimal? Price, decimal? Charge, long Written)> rows = usage["rows"]!.AsArray().ToDictionary(
            row => (string)row!["group"]!, row => ((long)row!["unpriced"]!, (decimal?)row["list_price_usd"], (decimal?)row["charge_usd"], (long)row["cache_write_tokens"]!));
        Assert.Equal((2, null, null, 8), rows["openai/unpriced"]);
        Assert.Equal((1, 0.5m, 0.5m, 8), rows["openai/mixed"]);
        Assert.Equal((0, 0m, 0m, 4), rows["openai/refused"]);
        Assert.Equal((0, 0m, 0m, 4), rows["openai/free"]);

        JsonNode attempts = JsonNode.Parse(await admin.GetStringAsync("/api/workspaces/default/attempts", Token))!["attempts"]!;
        JsonNode tiered = Assert.Single(attempts.AsArray(), attempt => (string?)attempt!["price_tier"] == "long_context+flex")!;
        Assert.Equal((4, 3, 0.5m), ((long)tiered["cache_write_tokens"]!, (long)tiered["cache_write_1h_tokens"]!, (decimal)tiered["list_price_usd"]!));
        Assert.Equal(4, attempts.AsArray().Count(attempt => attempt!["list_price_usd"] is null));
    }

    [Theory]
    [InlineData("xai/grok-4.7", ",\"reasoning_effort\":\"high\"", "false")]
    [InlineData("xai/grok-4.7", ",\"reasoning_effort\":\"high\"", "true")]
    [InlineData("openai/gpt-4o", "", "true")]
    [InlineData("openai/gpt-4o", ",\"simulate\":{\"noUsage\":true}", "true")]
    [InlineData("openai/gpt-4o", ",\"simulate\":{\"noUsage\":true}", "false")]
    [InlineData("anthropic/claude-haiku-5-5", ",\"simulate\":{\"cutAfterChunks\":3}", "true")]
    public async Task Limits_receipts_and_the_answers_own_usage_agree(string model, string more, string stream)
    {
        var receipts = new UsageQueue();
        await using ApiHost api = await ApiHost.StartAsync(
            pipeline.Simulator.BaseAddress!.ToString(), null, null, Pipeline.Workspace(null), services => services.AddSingleton<Core.Chat.IRequestObserver>(new UsageRecorder(receipts)), ("Router:Limits:TokensPerMinute", "1000000"));
        using var content = new StringContent(
            $$$"""{"model":"{{{model}}}","stream":{{{stream}}}{{{(stream == "true" ? Counted : "")}}},"messages":[{"role":"user","content":"Hi there, tell me something"}]{{{more}}}}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await api.Client.PostAsync("/v1/chat/completions", content, Token);
        string body = await response.Content.ReadAsStringAsync(Token);
        UsageRecord? receipt = null;
        await Eventually.HoldsAsync(
            () =>
            {
                receipt ??= receipts.Take()?.Records().Single();
                return receipt is not null;
            },
            TimeSpan.FromSeconds(10),
            Token);
        long tokens = receipt!.Value.InputTokens!.Value + receipt.Value.OutputTokens!.Value;
        Assert.True(tokens > 0);
        using var later = new StringContent("no json", Encoding.UTF8, "application/json");
        using HttpResponseMessage refused = await api.Client.PostAsync("/v1/chat/completions", later, Token);
        Assert.Equal(1_000_000 - tokens, long.Parse(refused.Headers.GetValues("x-ratelimit-remaining-tokens").Single(), System.Globalization.CultureInfo.InvariantCulture));

        JsonNode? usage = stream == "false" ? JsonNode.Parse(body)!["usage"]
            : body.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[6..])!["usage"]).LastOrDefault(counts => counts is not null);
        Assert.Equal(receipt.Value.Estimated, usage is null);
        if (usage is not null)
        {
            Assert.Equal((receipt.Value.InputTokens, receipt.Value.OutputTokens), ((long)usage["prompt_tokens"]!, (long)usage["completion_tokens"]!));
            Assert.Equal(tokens, (long)usage["total_tokens"]!);
        }
    }

    private static UsageRecord Receipt(string model, long? tokens, decimal? price, string? tier) => new(
        Guid.CreateVersion7(), DateTimeOffset.UtcNow, "default", null, Guid.NewGuid(), 1, null, "openai", model, null, "system", "system", "print", false, tokens is null ? "rate_limit" : "success", tokens is null ? 429 : null, 5, null,
        tokens, tokens, tokens, 0, false, price, price, 4, 3, tier);
}
