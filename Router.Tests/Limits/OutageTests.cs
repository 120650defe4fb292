using System.Diagnostics;
using Router.Core.Limits;
using Router.Tests.Support;

namespace Router.Tests.Limits;

/// <summary>A real server that stops, freezes and comes back: the limit holds on each replica, and nobody waits for it.</summary>
[Collection(LimitServersCollection.Name)]
public sealed class OutageTests
{
    private const int Limit = 50;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_garnet_that_stops_costs_no_request_and_is_used_again_when_it_is_back()
    {
        using var garnet = new TestGarnet();
        await using var replica = await Replica.ConnectAsync(garnet.Port, "k", LimitTimings.Default);
        await ShareAsync(replica);
        garnet.Stop();
        await AloneAsync(replica);
        garnet.Start();
        await ShareAsync(replica);
    }

    [Fact]
    public async Task A_redis_that_freezes_delays_one_request_by_the_bound_at_most_and_is_used_again_when_it_goes_on()
    {
        using var redis = await RedisServer.StartAsync(Token);
        await using var replica = await Replica.ConnectAsync(redis.Port, "k", LimitTimings.Default);
        await ShareAsync(replica);
        redis.Freeze();
        try
        {
            await AloneAsync(replica);
        }
        finally
        {
            redis.Thaw();
        }

        await ShareAsync(replica);
    }

    /// <summary>Each try of an outage told the frozen server the same charges again; when it went on, it counted them all, and nothing passed for 38 s.</summary>
    [Fact]
    public async Task Tokens_used_while_redis_was_frozen_are_charged_once()
    {
        using var redis = await RedisServer.StartAsync(Token);
        await using var replica = await Replica.ConnectAsync(redis.Port, "t", LimitTimings.Default);
        var rule = new LimitRule(1_000, TimeSpan.FromMinutes(1));
        var tokens = new TokenBucket("t", replica.Counter, replica.Pulse, LimitTimings.Default, TimeProvider.System);
        await tokens.AskAsync(rule, Token);
        redis.Freeze();
        var start = Stopwatch.GetTimestamp();
        try
        {
            for (; Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(4); await Task.Delay(100, Token))
            {
                Assert.True((await tokens.AskAsync(rule, Token)).Allowed);
                tokens.Charge(rule, 10);
                tokens.Tend();
            }
        }
        finally
        {
            redis.Thaw();
        }

        await Eventually.HoldsAsync(() => tokens.Tend() && tokens.AskAsync(rule, Token).AsTask().GetAwaiter().GetResult() is { Allowed: true, Shared: true }, TimeSpan.FromSeconds(5), Token);
    }

    /// <summary>Every request is answered, and no more pass than the limit in the windows touched.</summary>
    private static async Task AloneAsync(Replica replica)
    {
        var (answered, passed, alone, slow, start) = (0, 0, 0, 0, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(3))
        {
            var asked = Stopwatch.GetTimestamp();
            var verdict = await replica.Requests.AskAsync(Rule, Token);
            var took = Stopwatch.GetElapsedTime(asked);
            answered++;
            slow += took > TimeSpan.FromMilliseconds(25) ? 1 : 0;
            passed += verdict.Allowed ? 1 : 0;
            alone += verdict.Shared ? 0 : 1;
            await Task.Delay(1, Token);
        }

        Assert.True(alone > 100, $"{alone} were decided without Redis.");
        Assert.InRange(passed, 2 * Limit, ((int)Stopwatch.GetElapsedTime(start).TotalSeconds + 2) * Limit);
        // One waits for the bound; a loaded machine may hold up a few more, not one in ten.
        Assert.True(slow <= 1 + (answered / 10), $"{slow} of {answered} waited.");
    }

    private static LimitRule Rule => new(Limit, TimeSpan.FromSeconds(1));

    private static Task ShareAsync(Replica replica) => Eventually.HoldsAsync(
        () => replica.Requests.AskAsync(Rule, Token).AsTask().GetAwaiter().GetResult() is { Allowed: true, Shared: true } && replica.Pulse.Answers, Soon, Token);
}
