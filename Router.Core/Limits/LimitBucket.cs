namespace Router.Core.Limits;

/// <summary>
/// One counter as one replica sees it: the window, and the exchange with Redis of which at most one runs at a time. What
/// is drawn and how a request is decided is the derived class's. Decisions are made under a lock, without I/O.
/// </summary>
/// <remarks>
/// A window counts here from when the exchange was sent, so it ends here before it ends in Redis, and what was drawn of the
/// next one counts once this one is over in Redis for sure: nothing drawn in one window is used in another. Bounds: while
/// Redis answers, never more than the limit per window and counter. On a replica without Redis, never more than the limit
/// per window of that replica, so R such replicas pass at most R times the limit; in the window Redis is lost in, each
/// passes no more than was left when it last heard. Fewer than the limit pass in a window only by what a replica holds
/// unused: at most a quarter of what was left when it drew, for
/// <see cref="LimitTimings.Idle"/>, or to the window's end when its process or an exchange is lost; and by a sixteenth of the
/// limit to the window's end, on a replica that was asked within <see cref="LimitTimings.Keep"/>.
/// </remarks>
internal abstract class LimitBucket(string key, ILimitCounter counter, RedisPulse pulse, LimitTimings timings, TimeProvider time)
{
    private TaskCompletionSource? _exchange;
    private (CounterReply Reply, long EndsAt)? _next;

    /// <summary>The number of the window, by Redis or in step with what it said; before it said anything, by the clock.</summary>
    private long _number;

    /// <summary>When the window is over in Redis too, as a timestamp.</summary>
    private long _overAt = long.MaxValue;
    private long _usedAt = time.GetTimestamp();

    protected Lock Sync { get; } = new();

    /// <summary>Whose charges these are: told twice they count once, and another bucket of the same counter has charges of its own.</summary>
    protected string Origin { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Redis was heard of, so that the number of a window is no guess.</summary>
    protected bool IsAnchored { get; private set; }

    protected RedisPulse Pulse { get; } = pulse;

    protected LimitTimings Timings { get; } = timings;

    protected LimitRule Rule { get; private set; }

    /// <summary>The number Redis gave the window; -1 for one begun without it.</summary>
    protected long Window { get; private set; } = -1;

    /// <summary>When the window ends, as a timestamp; in the past before the first.</summary>
    protected long EndsAt { get; private set; } = long.MinValue;

    /// <summary>Requests that wait for the next exchange.</summary>
    protected int Waiting { get; private set; }

    protected bool Exchanging => _exchange is not null;

    /// <summary>Something was drawn of the next window.</summary>
    protected bool HasNext => _next is not null;

    protected long UsedAt => _usedAt;

    /// <summary>Asks for one request. Waits only if it must, once and no longer than <see cref="LimitTimings.Wait"/>.</summary>
    public ValueTask<LimitVerdict> AskAsync(LimitRule rule, CancellationToken cancellationToken)
    {
        LimitVerdict? verdict;
        CounterDraw? draw = null;
        lock (Sync)
        {
            Rule = rule;
            _usedAt = time.GetTimestamp();
            verdict = DecideNow(_usedAt);
            if (verdict is not null && (WantsExchange(_usedAt) || !Pulse.Answers))
                draw = Begin(_usedAt);
        }

        Run(draw);
        return verdict is { } known ? new(known) : WaitAsync(cancellationToken);
    }

    /// <summary>Counts as use: a bucket charged for a long answer is not one to forget.</summary>
    protected void Follow(LimitRule rule) => (Rule, _usedAt) = (rule, time.GetTimestamp());

    /// <summary>What is due without a request: called every few milliseconds.</summary>
    /// <returns>False when the counter is of no use any more and may be forgotten.</returns>
    public bool Tend()
    {
        CounterDraw? draw = null;
        lock (Sync)
        {
            var now = time.GetTimestamp();
            Turn(now);
            if (IsDue(now))
                draw = Begin(now);
            if (draw is null && !Exchanging && Waiting == 0 && !Owes(now) && time.GetElapsedTime(_usedAt, now) >= Timings.Forget)
                return false;
        }

        Run(draw);
        return true;
    }

    /// <summary>Gives back or charges what is left to settle; for the end of the process.</summary>
    public Task SettleAsync()
    {
        CounterDraw draw;
        lock (Sync)
        {
            if (Exchanging || FinalDraw(time.GetTimestamp()) is not { } last)
                return Task.CompletedTask;
            draw = last;
        }

        return counter.ExchangeAsync(key, draw);
    }

    /// <returns>Null when only Redis can say.</returns>
    protected abstract LimitVerdict? Decide(long now);

    /// <summary>Decides without Redis, in a window that runs.</summary>
    protected abstract LimitVerdict DecideAlone(long now);

    /// <summary>Whether a request that was decided should cause an exchange for those after it.</summary>
    protected abstract bool WantsExchange(long now);

    /// <summary>Whether time alone causes an exchange.</summary>
    protected abstract bool IsDue(long now);

    protected abstract CounterDraw NextDraw(long now);

    protected abstract CounterDraw? FinalDraw(long now);

    /// <summary>The window is over here: forget what was of it.</summary>
    /// <param name="alone">The next one begins without Redis.</param>
    protected abstract void Roll(bool alone);

    /// <summary>Redis answered, for the window that is now this one's.</summary>
    protected abstract void Take(CounterReply reply, long now);

    /// <summary>It is unknown whether Redis did it.</summary>
    protected abstract void Undo();

    /// <summary>The number of the window that something done now falls in, whether Redis answers or not.</summary>
    protected long NumberAt(long now) => EndsAt == long.MinValue ? NumberByClock() : now < EndsAt ? _number : _number + 1 + ((now - EndsAt) / Length);

    protected TimeSpan UntilEnd(long now) => now >= EndsAt ? Rule.Window : time.GetElapsedTime(now, EndsAt);

    protected TimeSpan Since(long then, long now) => time.GetElapsedTime(then, now);

    /// <summary>Holds charges that Redis has not taken; such a counter is not forgotten.</summary>
    protected virtual bool Owes(long now) => false;

    /// <summary>Begins an exchange unless one runs or Redis is not to be tried now. The caller runs it outside of the lock.</summary>
    protected CounterDraw? Begin(long now)
    {
        if (Exchanging || !Pulse.ClaimTry())
            return null;
        _exchange = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return NextDraw(now);
    }

    protected void Run(CounterDraw? draw)
    {
        if (draw is { } begun)
            _ = RunAsync(begun);
    }

    /// <summary>One of what was drawn of the next window, if there is one.</summary>
    protected bool TakeOfNext()
    {
        if (_next is not { Reply.Granted: > 0 } next)
            return false;
        _next = next with { Reply = next.Reply with { Granted = next.Reply.Granted - 1 } };
        return true;
    }

    /// <summary>Whether the next window is taken for unused until Redis is heard of it, where nothing was drawn of it.</summary>
    protected virtual bool PresumesNext => false;

    private long Length => Ticks(Rule.Window);

    /// <summary>Goes on to the window after one that is over, if it is known what may be used of it.</summary>
    private void Turn(long now)
    {
        if (now < _overAt || Window < 0)
            return;
        if (_next is { } next)
        {
            _next = null;
            if (now < next.EndsAt && next.Reply.Window == Window + 1)
                Enter(Window + 1, next.EndsAt, next.Reply, now);
        }
        else if (PresumesNext && Pulse.Answers && now < EndsAt + Length)
        {
            Enter(Window + 1, EndsAt + Length, null, now);
        }
    }

    private void Enter(long window, long endsAt, CounterReply? reply, long now)
    {
        Roll(alone: false);
        (Window, _number, EndsAt, _overAt) = (window, window, endsAt, long.MaxValue);
        if (reply is { } known)
            Take(known, now);
    }

    private LimitVerdict? DecideNow(long now)
    {
        Turn(now);
        if (Decide(now) is { } verdict)
            return verdict;
        if (Pulse.Answers)
            return null;
        if (now >= EndsAt)
        {
            Roll(alone: true);
            (Window, _overAt, _next) = (-1, long.MaxValue, null);
            (_number, EndsAt) = (NumberAt(now), NextLocalEnd(now));
        }

        return DecideAlone(now);
    }

    /// <summary>Windows go on in step with those Redis gave, or with the clock when it gave none.</summary>
    private long NextLocalEnd(long now)
    {
        var length = Length;
        if (EndsAt != long.MinValue)
            return EndsAt + (((now - EndsAt) / length) + 1) * length;
        var milliseconds = (long)Rule.Window.TotalMilliseconds;
        return now + ((milliseconds - (ByClock(milliseconds) % milliseconds)) * time.TimestampFrequency / 1000);
    }

    /// <summary>As the script would number it, were this replica's clock the server's.</summary>
    private long NumberByClock()
    {
        var milliseconds = (long)Rule.Window.TotalMilliseconds;
        return ByClock(milliseconds) / milliseconds;
    }

    private long ByClock(long milliseconds) => time.GetUtcNow().ToUnixTimeMilliseconds() + RedisLimitCounter.Phase(key, milliseconds);

    private async ValueTask<LimitVerdict> WaitAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        lock (Sync)
            Waiting++;
        try
        {
            while (true)
            {
                Task exchange;
                CounterDraw? draw;
                lock (Sync)
                {
                    var now = time.GetTimestamp();
                    draw = null;
                    if (DecideNow(now) is { } verdict)
                        return verdict;
                    draw = Begin(now);
                    if (_exchange is null)
                        continue; // Redis failed just now: the next turn decides without it.
                    exchange = _exchange.Task;
                }

                Run(draw);
                var left = Timings.Wait - time.GetElapsedTime(start);
                try
                {
                    if (left <= TimeSpan.Zero)
                        throw new TimeoutException();
                    await exchange.WaitAsync(left, time, cancellationToken).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    Pulse.WasSlow();
                }
            }
        }
        finally
        {
            lock (Sync)
                Waiting--;
        }
    }

    private async Task RunAsync(CounterDraw draw)
    {
        var sent = time.GetTimestamp();
        CounterReply? reply = null;
        try
        {
            reply = await counter.ExchangeAsync(key, draw).ConfigureAwait(false);
            Pulse.Answered(time.GetElapsedTime(sent));
        }
        catch (Exception)
        {
            // Whatever it is, requests are decided here meanwhile; the exchange's span has the error.
            Pulse.Failed();
        }

        TaskCompletionSource done;
        lock (Sync)
        {
            if (reply is { } answer)
                Receive(answer, sent);
            else
                Undo();
            done = _exchange!;
            _exchange = null;
        }

        done.SetResult();
    }

    private void Receive(CounterReply reply, long sent)
    {
        var now = time.GetTimestamp();
        var ends = sent + Ticks(reply.EndsIn);
        if (reply.BeginsIn > TimeSpan.Zero)
        {
            // Else the window it follows has gone meanwhile, and it with that.
            if (reply.Window == Window + 1)
                (_next, _overAt) = ((reply, ends), Math.Min(_overAt, now + Ticks(reply.BeginsIn)));
            return;
        }

        Turn(now);
        // A reply so late that its window is over must not take the place of the one that runs.
        if (reply.Window < Window || (reply.Window > Window && ends <= now && now < EndsAt))
            return;
        if (reply.Window > Window)
        {
            var next = _next;
            _next = null;
            // A window begun without Redis goes on in the one it turns out to be.
            if (Window >= 0 || now >= EndsAt)
                Roll(alone: false);
            (Window, _number, EndsAt, _overAt) = (reply.Window, reply.Window, ends, long.MaxValue);
            if (next is { } drawn && drawn.Reply.Window == Window)
                Take(drawn.Reply, now);
        }
        else
        {
            EndsAt = Math.Max(EndsAt, ends);
        }

        _overAt = Math.Min(_overAt, now + Ticks(reply.EndsIn));
        Take(reply, now);
        IsAnchored = true;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
