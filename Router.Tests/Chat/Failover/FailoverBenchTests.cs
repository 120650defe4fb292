using System.Collections.Frozen;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Chat.Failover;

/// <summary>
/// The sixteen faults of the Failover Bench (github.com/failoverbench/failoverbench), with its checks and its verdicts: <c>pass</c>, the
/// caller has the whole answer and all checks hold; <c>safe</c>, a clean error in time. One model of fallback, and nothing configured.
/// </summary>
public sealed class FailoverBenchTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> ByDefault() => new()
    {
        { "s01", "pass" }, { "s02", "pass" }, { "s03", "pass" }, { "s04", "pass" }, { "s05", "pass" }, { "s06", "pass" }, { "s07", "pass" }, { "s10", "pass" },
        { "s11", "pass" }, { "s12", "pass" }, { "s13", "pass" }, { "s15", "pass" }, { "s16", "pass" },
        // Cut or silent after its first content: the truth is all there is to tell.
        { "s08", "safe" }, { "s09", "safe" }, { "s14", "safe" },
    };

    public static TheoryData<string> All() => [.. Enumerable.Range(1, 16).Select(number => $"s{number:00}")];

    [Theory]
    [MemberData(nameof(ByDefault))]
    public async Task By_default_thirteen_pass_and_three_are_told_as_they_are(string scenario, string expected) =>
        Assert.Equal(expected, await RunAsync(scenario, complete: false));

    [Theory]
    [MemberData(nameof(All))]
    public async Task Held_to_their_end_all_sixteen_pass(string scenario) =>
        Assert.Equal("pass", await RunAsync(scenario, complete: true));

    private async Task<string> RunAsync(string scenario, bool complete)
    {
        var time = new FakeTimeProvider();
        var wall = new Wall(time);
        var router = new ScriptedRouter(pipeline, (_, _) => throw new InvalidOperationException(), time: time, health: new CredentialHealth(new Nothing(), time, new HealthOutbox()), transport: wall);
        string fallback = scenario == "s14" ? "fb-ok-noprefill" : "fb-ok";
        string body = Body($"fb-{scenario}", fallback, complete);
        if (scenario == "s15")
        {
            return await FlapAsync(router, wall, body);
        }

        BenchCall call = await BenchCall.MakeAsync(pipeline, router, wall, body, Cancel);
        double[] primary = [.. wall.Calls.Where(made => made.Model == $"fb-{scenario}").Select(made => made.At)];
        bool used = wall.Calls.Any(made => made.Model == fallback);
        (string Name, bool Holds)[] checks =
        [
            ("no truncated success", !call.Ok || call.Complete),
            ("no hang", call.Seconds <= (scenario is "s06" ? 100 : scenario is "s07" ? 15 : scenario is "s09" ? 45 : scenario is "s11" ? 8 : 20)),
            .. Special(scenario, call, primary, used),
        ];
        Assert.True(checks.All(check => check.Holds), $"{scenario}: {string.Join(", ", checks.Where(check => !check.Holds).Select(check => check.Name))} after {call.Seconds:0.0} s, {call.Error}, {string.Join(" ", wall.Calls)}");

        BenchCall alive = await BenchCall.MakeAsync(pipeline, router, wall, """{"model":"openai/fb-ok","messages":[{"role":"user","content":"Hi"}]}""", Cancel);
        Assert.True(alive is { Complete: true, Seconds: <= 10 });
        return call.Complete || (scenario == "s13" && !call.Ok) ? "pass" : "safe";
    }

    private static IEnumerable<(string, bool)> Special(string scenario, BenchCall call, double[] primary, bool fallback) => scenario switch
    {
        "s01" => [("retried", primary.Length >= 2), ("Retry-After honoured", primary.Length >= 2 && primary[1] - primary[0] >= 1.8), ("no hammer", primary.Count(at => at - primary[0] < 1.5) <= 2)],
        "s02" => [("no hammer", primary.Count(at => at - primary[0] < 3) <= 4), ("bounded", primary.Length <= 6)],
        "s03" => [("same provider", primary.Length >= 2)],
        "s04" => [("bounded", primary.Length <= 6)],
        "s06" => [("not asked again", primary.Length == 1)],
        "s11" => [("usage", call.Usage)],
        "s12" => [("not the same model", primary.Length == 1), ("the other one", fallback)],
        "s13" => [("not the same model", primary.Length == 1), ("the provider's reason", call.Error == "content_policy_violation")],
        "s14" => [("nothing masked", call.Error != "invalid_prefill")],
        "s16" => [("names who answered", call.Model == "openai/fb-ok"), ("usage", call.Usage), ("bounded", primary.Length <= 6)],
        _ => [],
    };

    /// <summary>Twenty requests, one every four seconds, of which the first minute's meet a provider that is down.</summary>
    private async Task<string> FlapAsync(ScriptedRouter router, Wall wall, string body)
    {
        List<BenchCall> calls = [];
        for (int i = 0; i < 20; i++)
        {
            double wait = (i * 4) - wall.Now;
            if (wait > 0)
            {
                router.Time.Advance(TimeSpan.FromSeconds(wait));
            }

            calls.Add(await BenchCall.MakeAsync(pipeline, router, wall, body, Cancel));
        }

        Assert.All(calls, call => Assert.True(call is { Complete: true, Seconds: <= 30 }));
        WallCall? recovered = wall.Calls.Find(made => made is { Model: "fb-s15", Action: "200" });
        Assert.NotNull(recovered);
        Assert.InRange(recovered.At, 60, 90);
        // The breaker makes it fewer than a request each, though each may ask twice.
        Assert.InRange(wall.Calls.Count(made => made.Model == "fb-s15" && made.At < 60), 5, calls.Count(call => call.SentAt < 60));
        Assert.Equal("openai/fb-s15", calls[^1].Model);
        return "pass";
    }

    private static string Body(string model, string fallback, bool complete) => $$$"""
        {"model":"openai/{{{model}}}","models":["openai/{{{fallback}}}"],"stream":true,"stream_options":{"include_usage":true},
         "messages":[{"role":"user","content":"Explain in exactly sixty words why a gateway earns trust only when the provider behind it misbehaves."}]
         {{{(complete ? ",\"fallback\":{\"commit\":\"complete\"}" : "")}}}}
        """;

    private sealed class Nothing : ISnapshotSource
    {
        public Snapshot Current { get; } = new(FrozenDictionary<string, RouterKey>.Empty, FrozenDictionary<string, Workspace>.Empty, 1, DateTimeOffset.UnixEpoch);
    }
}
