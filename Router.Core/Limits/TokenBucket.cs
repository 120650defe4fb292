namespace Router.Core.Limits;

/// <summary>
/// Counts tokens after the fact: a request is refused while its window is used up, and an answer's tokens are charged when
/// they are known. Beyond the limit go at most the answers under way when it is reached.
/// </summary>
internal sealed class TokenBucket(string key, ILimitCounter counter, RedisPulse pulse, LimitTimings timings, TimeProvider time)
    : LimitBucket(key, counter, pulse, timings, time)
{
    /// <summary>A limit of which less than this part is left is near.</summary>
    private const int NearShare = 16;

    /// <summary>By all replicas, when Redis was last heard of in this window.</summary>
    private long _used;

    /// <summary>By this one alone in the window <see cref="_chargedIn"/>, of which Redis knows <see cref="_told"/>.</summary>
    private long _charged;
    private long _chargedIn = long.MinValue;
    private long _told;

    /// <summary>The window is numbered by this replica's clock, as Redis was never heard of.</summary>
    private bool _guessed;
    private (long Charged, long In) _sending;
    private long _heardAt;
    private long _askedAt = long.MinValue;

    /// <summary>
    /// Charges the window that runs now, however long ago the request was admitted. Here it counts at once; Redis is told at once if it was
    /// not just told of others, or if the limit is near, else with those that come within <see cref="LimitTimings.Gather"/>. What Redis does
    /// not hear of before the window is over it never counts: whoever was let through meanwhile owes nothing to later windows.
    /// </summary>
    public void Charge(LimitRule rule, long tokens)
    {
        CounterDraw? draw = null;
        lock (Sync)
        {
            Follow(rule);
            var number = NumberAt(UsedAt);
            if (number > _chargedIn)
                (_chargedIn, _charged, _told, _guessed) = (number, 0, 0, !IsAnchored);
            _charged += tokens;
            if (IsDue(UsedAt))
                draw = Begin(UsedAt);
        }

        Run(draw);
    }

    protected override LimitVerdict? Decide(long now) => now < EndsAt && Window >= 0 ? Verdict(now, shared: Pulse.Answers) : null;

    protected override LimitVerdict DecideAlone(long now) => Verdict(now, shared: false);

    /// <summary>What others used is heard of again after a while of use.</summary>
    protected override bool WantsExchange(long now) => Since(_heardAt, now) >= Timings.Ahead;

    /// <summary>Charges come after the fact: what others use of a window is heard of in it, no sooner.</summary>
    protected override bool PresumesNext => true;

    protected override bool Owes(long now) => Untold(now) > 0;

    protected override bool IsDue(long now) =>
        Owes(now) && (_askedAt == long.MinValue || Since(_askedAt, now) >= Timings.Gather || Remaining(now) <= Rule.Amount / NearShare);

    protected override CounterDraw NextDraw(long now)
    {
        _sending = (_charged, _chargedIn);
        _askedAt = now;
        return new(Rule, 0, 0, _charged, 0, 0, ChargedIn: _chargedIn, Origin: Origin);
    }

    protected override CounterDraw? FinalDraw(long now) => Owes(now) ? new(Rule, 0, 0, _charged, 0, 0, ChargedIn: _chargedIn, Origin: Origin) : null;

    protected override void Roll(bool alone) => _used = 0;

    protected override void Take(CounterReply reply, long now)
    {
        (_used, _heardAt) = (reply.Used, now);
        if (reply.Window == _sending.In && _sending.In == _chargedIn)
            _told = Math.Max(_told, _sending.Charged);
        else if (_guessed)
            (_chargedIn, _told) = (reply.Window, 0);
        _guessed = false;
    }

    /// <summary>Nothing: whatever Redis made of it, it is told all of this window again.</summary>
    protected override void Undo()
    {
    }

    /// <summary>Charged here in the window that runs, and nowhere else yet.</summary>
    private long Untold(long now) => _charged > _told && NumberAt(now) == _chargedIn ? _charged - _told : 0;

    private long Remaining(long now) => Math.Max(Rule.Amount - _used - Untold(now), 0);

    private LimitVerdict Verdict(long now, bool shared) => new(Remaining(now) > 0, shared, new(Rule.Amount, Remaining(now), UntilEnd(now)), Window);
}
