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

    private long _used;
    private long _unsent;
    private long _sending;
    private long _heardAt;
    private long _askedAt = long.MinValue;

    /// <summary>
    /// Charges the window that runs now, however long ago the request was admitted. Here it counts at once; Redis is told at once if it was
    /// not just told of others, or if the limit is near, else with those that come within <see cref="LimitTimings.Gather"/>.
    /// </summary>
    public void Charge(LimitRule rule, long tokens)
    {
        CounterDraw? draw = null;
        lock (Sync)
        {
            Follow(rule);
            _unsent += tokens;
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

    protected override bool Owes => _unsent + _sending > 0;

    protected override bool IsDue(long now) =>
        _unsent > 0 && (_askedAt == long.MinValue || Since(_askedAt, now) >= Timings.Gather || Remaining <= Rule.Amount / NearShare);

    protected override CounterDraw NextDraw(long now)
    {
        (_sending, _unsent) = (_unsent, 0);
        _askedAt = now;
        return new(Rule, 0, 0, _sending, 0, 0);
    }

    protected override CounterDraw? FinalDraw() => _unsent > 0 ? new(Rule, 0, 0, _unsent, 0, 0) : null;

    /// <summary>Without Redis, what was not sent belongs to the window that is over.</summary>
    protected override void Roll(bool alone) => (_used, _unsent, _sending) = (0, alone ? 0 : _unsent, alone ? 0 : _sending);

    protected override void Take(CounterReply reply, long now) => (_used, _sending, _heardAt) = (reply.Used, 0, now);

    protected override void Undo() => (_unsent, _sending) = (_unsent + _sending, 0);

    private long Remaining => Math.Max(Rule.Amount - _used - _unsent - _sending, 0);

    private LimitVerdict Verdict(long now, bool shared) => new(Remaining > 0, shared, new(Rule.Amount, Remaining, UntilEnd(now)), Window);
}
