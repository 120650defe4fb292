namespace Router.Core.Limits;

/// <summary>
/// Counts requests by lease: what is drawn from Redis is used here without asking again. Leases are sized by recent use,
/// at most a quarter of what is left, drawn again before they run out, and given back when idle; so what is left of a
/// limit stays within reach of the replica that needs it. A replica that was asked lately draws of every window shortly before it
/// begins, a small reserve at least, so that no request waits for a window to begin, nor does now-and-then traffic.
/// </summary>
internal sealed class RequestBucket(string key, ILimitCounter counter, RedisPulse pulse, LimitTimings timings, TimeProvider time)
    : LimitBucket(key, counter, pulse, timings, time)
{
    /// <summary>Below this the script grants nothing ahead.</summary>
    private const int Share = 4;

    /// <summary>The part of a limit a replica in use keeps at hand.</summary>
    private const int ReserveShare = 16;

    private long _available;
    private long _block;
    private long _left;
    private long _admitted;
    private long _unsettled;
    private long _settling;
    private long _settled;
    private long _emptyUntil = long.MinValue;
    private long _touchedAt;
    private long _grantedAt;
    private double _rate;

    private long Alone => Window >= 0 ? _left - _unsettled - _settling : Rule.Amount - _admitted;

    /// <summary>Of this window, what Redis was told and is being told of requests that passed without it.</summary>
    private long Charged => _settled + _settling;

    /// <summary>Seconds after which a request counts a third for the rate.</summary>
    private double Memory => 2 * Timings.Ahead.TotalSeconds;

    /// <summary>Undoes an admission, where another limit refused the same request.</summary>
    public void GiveBack(LimitVerdict verdict)
    {
        lock (Sync)
        {
            if (verdict.Window != Window)
                return;
            _admitted--;
            if (verdict.Shared)
                _available++;
            else if (_unsettled > 0)
                _unsettled--;
        }
    }

    protected override LimitVerdict? Decide(long now)
    {
        // For a moment nobody knows which of the two windows runs in Redis: what passes then counts in both.
        if (now >= EndsAt && !(_available > 0 && TakeOfNext()))
            return null;
        if (_available > 0)
        {
            _available--;
            Admit(now);
            return new(true, true, Status(_left + _available, now), Window);
        }

        return now < _emptyUntil ? new(false, true, Status(0, now), Window) : null;
    }

    /// <summary>In a window Redis was heard of, what was left then may pass; in one begun without it, the whole limit.</summary>
    protected override LimitVerdict DecideAlone(long now)
    {
        var allowed = Alone > 0;
        if (allowed)
        {
            Admit(now);
            _unsettled++;
        }

        return new(allowed, false, Status(Alone, now), Window);
    }

    protected override bool WantsExchange(long now) => WantsMore(now) || WantsNext(now);

    protected override bool IsDue(long now) =>
        IsIdle(now) || WantsNext(now) || (now >= EndsAt && Window >= 0 && !HasNext && InUse(now) && Ahead(now) >= 1);

    protected override CounterDraw NextDraw(long now)
    {
        if (Waiting == 0 && !IsIdle(now) && !WantsMore(now) && WantsNext(now))
            return new(Rule, 0, Ahead(now), 0, 0, 0, Window + 1);
        var give = Waiting == 0 && IsIdle(now) ? _available - Reserve(now) : 0;
        var ahead = give > 0 ? 0 : Ahead(now);
        _available -= give;
        (_settling, _unsettled) = (_unsettled, 0);
        return new(Rule, Waiting, Math.Max(Waiting, ahead), Charged, give, Window, ChargedIn: NumberAt(now), Origin: Origin);
    }

    protected override CounterDraw? FinalDraw(long now) =>
        _available > 0 || _unsettled > 0 ? new(Rule, 0, 0, Charged + _unsettled, _available, Window, ChargedIn: NumberAt(now), Origin: Origin) : null;

    protected override void Roll(bool alone) =>
        (_available, _left, _admitted, _unsettled, _settling, _settled, _emptyUntil) = (0, 0, 0, 0, 0, 0, long.MinValue);

    protected override void Take(CounterReply reply, long now)
    {
        (_settled, _settling) = (Charged, 0);
        // What was admitted without Redis meanwhile is covered by this first.
        var covered = Math.Min(_unsettled, reply.Granted);
        _unsettled -= covered;
        _available += reply.Granted - covered;
        _block = reply.Granted;
        _left = Math.Max(Rule.Amount - reply.Used, 0);
        _grantedAt = now;
        _emptyUntil = _left == 0 ? Math.Min(EndsAt, now + Pulse.Jittered(Timings.Recheck, 1)) : long.MinValue;
    }

    /// <summary>What was to be given back is lost to this window, what was to be settled still is: neither lets more through.</summary>
    protected override void Undo() => (_unsettled, _settling) = (_unsettled + _settling, 0);

    private bool WantsMore(long now) => now < EndsAt && _left >= Share && _available <= _block / 2 && Ahead(now) >= 1;

    private bool WantsNext(long now) =>
        Window >= 0 && !HasNext && Pulse.Answers && now < EndsAt && UntilEnd(now) <= Timings.Ahead && InUse(now) && Ahead(now) >= 1;

    private void Admit(long now)
    {
        _admitted++;
        _rate = Rate(now) + (1 / Memory);
        _touchedAt = now;
    }

    private bool IsIdle(long now) => now < EndsAt && _available > Reserve(now) && Since(Math.Max(_touchedAt, _grantedAt), now) >= Timings.Idle;

    /// <summary>How many requests recent use makes likely in the time a lease is drawn for.</summary>
    private long Ahead(long now) => Math.Max((long)(Rate(now) * Timings.Ahead.TotalSeconds), Reserve(now));

    private long Reserve(long now) => InUse(now) ? Rule.Amount / ReserveShare : 0;

    private bool InUse(long now) => Since(UsedAt, now) < Timings.Keep;

    /// <summary>Requests a second: each counts less the longer ago it was. One by itself is too little to draw ahead for.</summary>
    private double Rate(long now) => _rate * Math.Exp(-Since(_touchedAt, now).TotalSeconds / Memory);

    private LimitStatus Status(long remaining, long now) => new(Rule.Amount, Math.Max(remaining, 0), UntilEnd(now));
}
