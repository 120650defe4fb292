using Microsoft.Extensions.Time.Testing;
using Router.Core.Limits;

namespace Router.Tests.Limits;

/// <summary>When a replica asks Redis and when it does not, on a clock of the test's.</summary>
public sealed class LeaseTests
{
    private static readonly LimitRule Hundred = new(100, TimeSpan.FromSeconds(1));
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly ScriptedCounter _redis;
    private readonly RequestBucket _bucket;

    public LeaseTests()
    {
        _redis = new(_time);
        _bucket = new("k", _redis, new RedisPulse(LimitTimings.Default, _time, new Random(1)), LimitTimings.Default, _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Steady_use_draws_in_blocks_before_the_lease_runs_out()
    {
        var waited = 0;
        for (var i = 0; i < 800; i++)
        {
            _redis.Holds = true;
            var asked = _bucket.AskAsync(Hundred, Token);
            waited += asked.IsCompleted ? 0 : 1;
            _redis.Release();
            _redis.Holds = false;
            Assert.True(Result(asked).Allowed, $"{i}");
            _time.Advance(12.5 * Millisecond);
            Assert.True(_bucket.Tend());
        }

        // Ten windows: what waits is the first few requests of all, not one in each window.
        Assert.InRange(waited, 1, 8);
        Assert.InRange(_redis.Draws.Count, 10, 250);
    }

    [Fact]
    public void No_window_begins_with_a_wait_for_a_redis_that_takes_its_time()
    {
        var rule = new LimitRule(100_000, TimeSpan.FromSeconds(1));
        var waited = 0;
        _redis.Holds = true;
        for (var i = 0; i < 4000; i++)
        {
            var asked = _bucket.AskAsync(rule, Token);
            if (!asked.IsCompleted)
            {
                waited++;
                _redis.Release();
            }

            Assert.True(Result(asked) is { Allowed: true, Shared: true }, $"{i}");
            _time.Advance(Millisecond);
            Assert.True(_bucket.Tend());
            if (i % 8 == 0)
                _redis.Release();
        }

        Assert.Equal(1, waited);
        Assert.InRange(_redis.Draws.Count(draw => draw.Next > 0), 3, 5);
    }

    [Fact]
    public async Task Tokens_of_a_window_that_begins_are_not_waited_for_either()
    {
        var minute = new LimitRule(1000, TimeSpan.FromMinutes(1));
        var tokens = new TokenBucket("k", _redis, new RedisPulse(LimitTimings.Default, _time, new Random(1)), LimitTimings.Default, _time);
        await tokens.AskAsync(minute, Token);
        tokens.Charge(minute, 1000);
        Assert.False((await tokens.AskAsync(minute, Token)).Allowed);
        _redis.Holds = true;
        _time.Advance(Result(tokens.AskAsync(minute, Token)).Status.Reset + Millisecond);
        var asked = tokens.AskAsync(minute, Token);
        Assert.True(asked.IsCompleted);
        LimitVerdict verdict = await asked;
        Assert.Equal((true, 1000), (verdict.Allowed, verdict.Status.Remaining));
    }

    [Fact]
    public void A_used_up_limit_is_refused_without_asking_until_the_next_window()
    {
        for (var i = 0; i < 100; i++)
            Assert.True(Ask().Allowed);
        Assert.False(Ask().Allowed);
        var draws = _redis.Draws.Count;
        for (var i = 0; i < 1000; i++)
        {
            var refused = Ask();
            Assert.Equal((false, 100, 0), (refused.Allowed, refused.Status.Limit, refused.Status.Remaining));
        }

        Assert.Equal(draws, _redis.Draws.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(Ask().Allowed);
    }

    [Fact]
    public void What_remains_and_until_when_is_told_exactly_while_one_replica_asks()
    {
        var ends = Ask().Status.Reset;
        _time.Advance(ends + 250 * Millisecond);
        for (var i = 1; i <= 100; i++)
        {
            var status = Ask().Status;
            Assert.Equal((100, 100 - i, 750 * Millisecond), (status.Limit, status.Remaining, status.Reset));
        }
    }

    [Fact]
    public void Traffic_now_and_then_waits_once()
    {
        var waited = 0;
        for (var i = 0; i < 4000; i++)
        {
            _time.Advance(20 * Millisecond);
            Assert.True(_bucket.Tend());
            if (i % 75 != 0)
                continue;
            _redis.Holds = true;
            var asked = _bucket.AskAsync(Hundred, Token);
            waited += asked.IsCompleted ? 0 : 1;
            _redis.Release();
            _redis.Holds = false;
            Assert.True(Result(asked).Allowed, $"{i}");
        }

        // One request in 1.5 s: each comes in a window of its own, and finds the reserve drawn.
        Assert.Equal(1, waited);
    }

    [Fact]
    public void An_idle_lease_goes_back_but_for_the_reserve()
    {
        for (var i = 0; i < 10; i++)
            Ask();
        Assert.True(_redis.Used > 10);
        _time.Advance(LimitTimings.Default.Idle);
        Assert.True(_bucket.Tend());
        Assert.Equal(10 + 6, _redis.Used);
    }

    [Fact]
    public void What_another_limit_refused_is_not_counted()
    {
        _bucket.GiveBack(Ask());
        for (var i = 0; i < 100; i++)
            Assert.True(Ask().Allowed);
        Assert.False(Ask().Allowed);
    }

    [Fact]
    public void A_lower_limit_is_in_force_with_the_next_draw()
    {
        Ask();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => Result(_bucket.AskAsync(Hundred with { Amount = 3 }, Token)).Allowed));
    }

    [Fact]
    public async Task A_request_waits_once_for_a_slow_redis_and_no_longer_than_the_bound_then_none_waits()
    {
        _redis.Holds = true;
        var first = _bucket.AskAsync(Hundred, Token).AsTask();
        _time.Advance(LimitTimings.Default.Wait - Millisecond);
        Assert.False(first.IsCompleted);
        _time.Advance(2 * Millisecond);
        var verdict = await first.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal((true, false), (verdict.Allowed, verdict.Shared));
        for (var i = 1; i < 100; i++)
            Assert.True(Ask().Allowed);
        // The same limit, by itself.
        Assert.False(Ask().Allowed);
    }

    [Fact]
    public void Without_redis_the_limit_holds_per_window_and_its_return_is_noticed()
    {
        _redis.Gone = true;
        for (var second = 0; second < 3; second++)
        {
            Assert.Equal(100, Enumerable.Range(0, 150).Count(_ => Result(_bucket.AskAsync(Hundred, Token)) is { Allowed: true, Shared: false }));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_redis.Draws.Count, 1, 6);
        _redis.Gone = false;
        Assert.False(Ask().Shared);
        Assert.True(Ask().Shared);
    }

    [Fact]
    public void What_was_admitted_without_redis_is_settled_when_it_is_back()
    {
        _time.Advance(Ask().Status.Reset);
        Ask();
        _redis.Gone = true;
        while (Ask().Shared)
        {
        }

        for (var i = 0; i < 30; i++)
            Assert.False(Ask().Shared);
        _redis.Gone = false;
        _time.Advance(800 * Millisecond);
        Ask();
        Assert.True(Ask().Shared);
        Assert.True(_redis.Used > 30, $"{_redis.Used}");
    }

    [Fact]
    public async Task A_caller_who_leaves_while_waiting_takes_nothing()
    {
        using var left = new CancellationTokenSource();
        _redis.Holds = true;
        var asked = _bucket.AskAsync(Hundred with { Amount = 1 }, left.Token).AsTask();
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        _redis.Release();
        Assert.True(Result(_bucket.AskAsync(Hundred with { Amount = 1 }, Token)) is { Allowed: true, Shared: true });
    }

    [Fact]
    public void A_counter_that_nobody_uses_is_forgotten()
    {
        Ask();
        Assert.True(_bucket.Tend());
        _time.Advance(LimitTimings.Default.Forget);
        Assert.False(_bucket.Tend());
    }

    private LimitVerdict Ask() => Result(_bucket.AskAsync(Hundred, Token));

    /// <summary>Replies that are there are taken within moments, on another thread.</summary>
    private static LimitVerdict Result(ValueTask<LimitVerdict> asked) => asked.AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token).GetAwaiter().GetResult();
}
