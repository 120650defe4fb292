using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>What one workspace can do to another, or to the operator.</summary>
public sealed class HostileTenantTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Safety = """{"code":"The caller does not have permission to execute the specified operation","error":"Content violates usage guidelines. Team: 0, API key ID: 0, Model: grok-4-0709, Failed check: SAFETY_CHECK_TYPE_BIO"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prompt_the_vendors_safety_refuses_makes_the_route_no_worse_for_others()
    {
        var statistics = new RouteStatistics(TimeProvider.System, Microsoft.Extensions.Options.Options.Create(new RouteStatisticsOptions()));
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(Safety, HttpStatusCode.Forbidden), statistics: statistics);
        for (int i = 0; i < 4; i++)
        {
            await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(pipeline.Request("""{"model":"xai/grok-4","messages":[{"role":"user","content":"bad"}]}""", Pipeline.Workspace(null, id: "a")), Cancel));
        }

        Assert.False(statistics.Find("xai/grok-4", "b").Failing);
    }

    [Fact]
    public async Task A_prompt_the_vendors_safety_refuses_is_not_sent_again_at_the_operators_cost()
    {
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(Safety, HttpStatusCode.Forbidden));
        ChatRequest request = pipeline.Request("""{"model":"xai/grok-4","models":["openai/a"],"messages":[{"role":"user","content":"bad"}],"provider_credentials":{"xai":{"api_key":"xai-of-the-caller"}}}""");
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.Single(router.Calls);
        Assert.Equal(403, error.Error.Status);
        Assert.Contains("usage guidelines", error.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daily_quota_of_one_model_keeps_the_key_from_no_other_model()
    {
        const string PerDay = """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m","quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaDimensions":{"model":"gemini-2.5-pro"},"quotaValue":"50"}]}]}}""";
        var time = new FakeTimeProvider();
        var health = new CredentialHealth(new Nothing(), time, new HealthOutbox());
        ScriptedRouter router = new(pipeline, (call, _) => call.RequestUri!.AbsolutePath.Contains("gemini-2.5-pro", StringComparison.Ordinal) ? ScriptedRouter.Json(PerDay, HttpStatusCode.TooManyRequests) : ScriptedRouter.GoodFor(call), time: time, health: health);
        await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(pipeline.Request("""{"model":"google/gemini-2.5-pro","messages":[{"role":"user","content":"Hi"}]}""", Pipeline.Workspace(null, id: "a")), Cancel));
        Assert.Equal("fine", await router.AskAsync(pipeline.Request("""{"model":"google/gemini-2.5-flash","messages":[{"role":"user","content":"Hi"}]}""", Pipeline.Workspace(null, id: "b")), Cancel));
    }

    public static TheoryData<string, int, int> LongErrors() =>
    [
        // Just below the length up to which an envelope keeps its bytes, and far beyond it.
        .. from kind in (string[])["base64", "percent", "words", "hex", "prose"] from keys in (int[])[1, 8] from kilobytes in (int[])[15, 48]
           select new TheoryDataRow<string, int, int>(kind, keys, kilobytes),
    ];

    [Theory]
    [MemberData(nameof(LongErrors))]
    public async Task A_long_error_costs_little(string kind, int keys, int kilobytes)
    {
        var random = new Random(1);
        byte[] noise = new byte[36_000];
        random.NextBytes(noise);
        string text = kind switch
        {
            "base64" => Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(noise))),
            "percent" => string.Concat(Enumerable.Range(0, 16_000).Select(_ => $"%{random.Next(0x21, 0x7E):x2}")),
            "hex" => Convert.ToHexString(noise),
            "prose" => string.Join(' ', Enumerable.Repeat("The quick brown fox jumps over the lazy dog and sees a messages[0].content image_url that is invalid.", 600)),
            _ => string.Join(' ', Enumerable.Range(0, 6_000).Select(_ => Convert.ToBase64String(noise[random.Next(30_000)..][..6]))),
        };
        text = text[..(kilobytes * 1000)];
        string body = $$$"""{"error":{"message":"Invalid value: '{{{text}}}'","type":"invalid_request_error","param":"x","code":"invalid_value"}}""";
        string[] slugs = ["openai", "anthropic", "groq", "mistral", "xai", "cerebras", "deepinfra", "fireworks"];
        slugs = slugs[..keys];
        string credentials = string.Join(',', slugs.Select((slug, i) => $"\"{slug}\":{{\"api_key\":\"{slug}-{Convert.ToHexStringLower(noise[(i * 40)..][..30])}\"}}"));
        string models = string.Join(',', slugs.Skip(1).Select(slug => $"\"{slug}/b\""));
        double best = double.MaxValue;
        for (int i = 0; i < 5 && best > 100; i++)
        {
            ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(body, HttpStatusCode.BadRequest));
            ChatRequest request = pipeline.Request($$$"""{"model":"openai/a","models":[{{{models}}}],"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{{{{credentials}}}}}""");
            var clock = Stopwatch.StartNew();
            await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
            best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
            Assert.Single(router.Calls);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind} {keys} {kilobytes} KB: {best} ms");
        Assert.True(best < 1_000, $"{kind} {keys}: {best} ms");
    }

    private sealed class Nothing : ISnapshotSource
    {
        public Snapshot Current { get; } = new(System.Collections.Frozen.FrozenDictionary<string, RouterKey>.Empty, System.Collections.Frozen.FrozenDictionary<string, Workspace>.Empty, 1, DateTimeOffset.UnixEpoch);
    }
}
