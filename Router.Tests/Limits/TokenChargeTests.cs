using Microsoft.Extensions.Time.Testing;
using Router.Core.Limits;

namespace Router.Tests.Limits;

/// <summary>When used tokens are told to Redis, on a clock of the test's.</summary>
public sealed class TokenChargeTests
{
    private static readonly LimitRule Thousand = new(1_000, TimeSpan.FromMinutes(1));

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly ScriptedCounter _redis;
    private readonly TokenBucket _bucket;

    public TokenChargeTests()
    {
        _redis = new(_time);
        _bucket = new("k", _redis, new RedisPulse(LimitTimings.Default, _time, new Random(1)), LimitTimings.Default, _time);
    }

    [Fact]
    public void The_first_charge_is_told_at_once_and_those_right_behind_it_together()
    {
        _bucket.Charge(Thousand, 10);
        Assert.Equal((1, 10), (_redis.Draws.Count, _redis.Used));
        for (int i = 0; i < 50; i++)
        {
            _bucket.Charge(Thousand, 1);
        }

        Assert.True(_bucket.Tend());
        Assert.Equal((1, 10), (_redis.Draws.Count, _redis.Used));
        _time.Advance(LimitTimings.Default.Gather);
        Assert.True(_bucket.Tend());
        Assert.Equal((2, 60), (_redis.Draws.Count, _redis.Used));
        _time.Advance(LimitTimings.Default.Gather);
        _bucket.Charge(Thousand, 1);
        Assert.Equal((3, 61), (_redis.Draws.Count, _redis.Used));
    }

    [Fact]
    public async Task What_is_not_told_yet_counts_here_all_the_same()
    {
        _bucket.Charge(Thousand, 10);
        _bucket.Charge(Thousand, 500);
        LimitVerdict verdict = await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
        Assert.Equal((true, 490), (verdict.Allowed, verdict.Status.Remaining));
    }

    [Fact]
    public void Near_the_limit_every_charge_is_told_at_once()
    {
        _bucket.Charge(Thousand, 900);
        _bucket.Charge(Thousand, 50);
        Assert.Equal(950, _redis.Used);
        _bucket.Charge(Thousand, 1);
        Assert.Equal(951, _redis.Used);
    }

    [Fact]
    public void What_is_charged_near_the_limit_while_Redis_is_being_told_follows_right_behind()
    {
        _redis.Holds = true;
        _bucket.Charge(Thousand, 950);
        _bucket.Charge(Thousand, 20);
        _bucket.Charge(Thousand, 5);
        Assert.True(_bucket.Tend());
        Assert.Equal((1, 950), (_redis.Draws.Count, _redis.Used));
        _redis.Release();
        Assert.True(_bucket.Tend());
        Assert.Equal((2, 975), (_redis.Draws.Count, _redis.Used));
    }

    [Fact]
    public void What_Redis_did_not_take_is_told_later()
    {
        _redis.Gone = true;
        _bucket.Charge(Thousand, 10);
        _bucket.Charge(Thousand, 20);
        _redis.Gone = false;
        _time.Advance(LimitTimings.Default.Retry * 2);
        Assert.True(_bucket.Tend());
        Assert.Equal(30, _redis.Used);
    }

    /// <summary>A frozen Redis is told again and again, and does all of it when it goes on.</summary>
    [Fact]
    public async Task What_a_frozen_Redis_is_told_again_and_again_counts_once()
    {
        await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
        _time.Advance(Ends());
        await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
        _redis.Mute = true;
        for (int i = 0; i < 40; i++)
        {
            _bucket.Charge(Thousand, 10);
            _time.Advance(LimitTimings.Default.Retry);
            _bucket.Tend();
        }

        Assert.True(_redis.Draws.Count > 20, $"{_redis.Draws.Count}");
        _redis.Mute = false;
        _time.Advance(LimitTimings.Default.Retry * 2);
        Assert.True(_bucket.Tend());
        Assert.Equal(400, _redis.Used);
        LimitVerdict verdict = await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
        Assert.Equal((true, true, 600), (verdict.Allowed, verdict.Shared, verdict.Status.Remaining));
    }

    /// <summary>What was allowed while Redis was gone is no debt: whoever asks in the window in which it is back has that window's limit.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Charges_of_an_outage_count_for_the_windows_they_fell_in(bool asked)
    {
        await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
        _time.Advance(Ends());
        await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
        _redis.Gone = true;
        for (int minute = 0; minute < 3; minute++)
        {
            // Long answers end in windows that nobody asked anything in, too.
            _bucket.Charge(Thousand, 900);
            if (asked)
            {
                await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
            }

            _bucket.Tend();
            _time.Advance(Thousand.Window);
        }

        _bucket.Charge(Thousand, 30);
        _redis.Gone = false;
        _time.Advance(LimitTimings.Default.Retry * 2);
        Assert.True(_bucket.Tend());
        Assert.Equal(30, _redis.Used);
        LimitVerdict verdict = await _bucket.AskAsync(Thousand, TestContext.Current.CancellationToken);
        Assert.Equal((true, true, 970), (verdict.Allowed, verdict.Shared, verdict.Status.Remaining));
    }

    [Fact]
    public void Charges_before_Redis_was_ever_heard_of_count_in_its_window_whatever_this_clock_says()
    {
        var slow = new FakeTimeProvider(_time.GetUtcNow() - TimeSpan.FromMinutes(7));
        var bucket = new TokenBucket("k", _redis, new RedisPulse(LimitTimings.Default, slow, new Random(1)), LimitTimings.Default, slow);
        bucket.Charge(Thousand, 40);
        slow.Advance(LimitTimings.Default.Gather);
        bucket.Tend();
        Assert.Equal(40, _redis.Used);
    }

    /// <summary>To just behind the beginning of the next window.</summary>
    private TimeSpan Ends() => TimeSpan.FromTicks(
        Thousand.Window.Ticks - (((_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks + (RedisLimitCounter.Phase("k", 60_000) * TimeSpan.TicksPerMillisecond)) % Thousand.Window.Ticks)) + TimeSpan.FromMilliseconds(20);
}
