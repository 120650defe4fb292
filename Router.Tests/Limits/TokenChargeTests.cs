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
}
