using Router.Core.Failures;

namespace Router.Core.Chat;

/// <summary>
/// Ends an attempt that keeps silent: before headers, before the first token, between chunks, or altogether. One
/// cancellation token for all phases; which limit fired is remembered. A later limit costs a write, not a timer: the one timer
/// looks, when it fires, whether its time has moved. So an attempt after the first costs none either: clocks are used again
/// (<see cref="AttemptClocks"/>), their timers running on.
/// </summary>
public sealed class AttemptClock : IDisposable
{
    private readonly TimeProvider _time;
    private readonly AttemptClocks? _clocks;
    private readonly CancellationTokenSource _source = new();
    private readonly ITimer _alarm;
    private readonly Lock _lock = new();
    private AttemptLimits _limits = AttemptLimits.Default;
    private CancellationTokenRegistration _caller;
    private long _started;
    private DateTimeOffset _end;
    private DateTimeOffset _firstTokenBy;
    private string _phase = "";
    private long _due;

    /// <summary>When the timer will fire; never, while it is not set.</summary>
    private long _alarmAt = long.MaxValue;

    private bool _running;
    private bool _stream;
    private bool _begun;
    private volatile bool _expired;
    private volatile bool _ended;
    private volatile RouterChatOptions? _serves;

    public AttemptClock(AttemptLimits limits, DateTimeOffset deadline, TimeProvider time, CancellationToken caller)
        : this(time, null) => Begin(limits, deadline, stream: true, caller);

    internal AttemptClock(TimeProvider time, AttemptClocks? clocks)
    {
        (_time, _clocks) = (time, clocks);
        Token = _source.Token;
        // It will ring for other requests than the one it is made for.
        using AsyncFlowControl? apart = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        _alarm = time.CreateTimer(static state => ((AttemptClock)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="stream">False: a JSON answer, which comes in one piece and has no first token.</param>
    internal void Begin(AttemptLimits limits, DateTimeOffset deadline, bool stream, CancellationToken caller)
    {
        (_limits, _stream, _begun, _ended) = (limits, stream, false, false);
        _started = _time.GetTimestamp();
        DateTimeOffset now = _time.GetUtcNow();
        _end = Earlier(now + limits.Total, deadline);
        _firstTokenBy = stream ? Earlier(now + limits.FirstToken, _end) : _end;
        _phase = "response headers";
        Headers = null;
        TookTooLong = false;
        lock (_lock)
        {
            _running = true;
            Arm(Earlier(now + limits.Header, _firstTokenBy));
        }

        _caller = caller.UnsafeRegister(static state => ((AttemptClock)state!)._source.Cancel(), this);
    }

    public CancellationToken Token { get; }

    /// <summary>The process is being stopped, and that ended the attempt: as we did, or as its connections were reset.</summary>
    public bool ShutDown => _ended || _clocks?.Ending.IsCancellationRequested == true;

    /// <summary>The request whose attempt it is; null while it is nobody's.</summary>
    internal RouterChatOptions? Serves
    {
        get => _serves;
        set => _serves = value;
    }

    internal TimeSpan Elapsed => _time.GetElapsedTime(Volatile.Read(ref _started));

    /// <summary>True when one of our limits, not the caller, ended the attempt.</summary>
    public bool Expired => _expired;

    /// <summary>
    /// It was ended sooner than a silence says anything of the provider: a stream before its first content for the sake of another
    /// route, a JSON answer before its headers, which come with all of it and take the longer the more was asked for.
    /// </summary>
    public bool GaveUpEarly => _expired && (_stream ? _limits.IsRescued && !_begun : Headers is null);

    /// <summary>It was ended by the limit on all of it, much of which may have been its reader's time.</summary>
    public bool TookTooLong { get; private set; }

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>When the response headers arrived, from the start of the attempt; null before.</summary>
    public TimeSpan? Headers { get; private set; }

    public void HeadersReceived()
    {
        Headers = _time.GetElapsedTime(_started);
        _phase = _stream ? "first token" : "piece of the answer";
        Arm(_stream ? _firstTokenBy : Earlier(_time.GetUtcNow() + _limits.Idle, _end));
    }

    /// <summary>What came is its reader's now: as long as that takes its time, the provider owes nothing.</summary>
    public void Rest() => Arm(_end);

    /// <summary>Content arrived, and more is asked for: from here on only silence counts.</summary>
    public void Progress()
    {
        _begun = true;
        _phase = "next piece of the answer";
        Arm(Earlier(_time.GetUtcNow() + _limits.Idle, _end));
    }

    public ProviderException TimeoutException(Exception inner) =>
        new(FailureClass.Transient, $"The provider was silent for too long: no {_phase} in time.", inner) { TimedOut = true };

    /// <summary>Ends it, once: after that the clock and its token may be another attempt's.</summary>
    public void Dispose()
    {
        _caller.Dispose();
        // Else an idle clock would keep what is left of the caller.
        _caller = default;
        _serves = null;
        lock (_lock)
        {
            if (!_running)
            {
                return;
            }

            _running = false;
        }

        // One that has expired is not used again: who ended it may still be at it.
        if (_clocks is null || _expired || _ended || !_source.TryReset() || !_clocks.TryKeep(this))
        {
            Discard();
        }
    }

    /// <returns>Whether it ran.</returns>
    internal bool End()
    {
        lock (_lock)
        {
            if (!_running)
            {
                return false;
            }

            _ended = true;
        }

        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt has just ended by itself.
        }

        return true;
    }

    private void Discard()
    {
        _clocks?.Forget(this);
        _alarm.Dispose();
        _source.Dispose();
    }

    private void Arm(DateTimeOffset at)
    {
        // Written before the other is read, here and in Look: one of the two sees what the other wrote.
        Volatile.Write(ref _due, at.UtcTicks);
        Interlocked.MemoryBarrier();
        // Only an earlier limit needs the timer itself.
        if (at.UtcTicks < Volatile.Read(ref _alarmAt))
        {
            Volatile.Write(ref _alarmAt, at.UtcTicks);
            _alarm.Change(Until(at.UtcTicks, _time.GetUtcNow()), Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            if (!_running)
            {
                Volatile.Write(ref _alarmAt, long.MaxValue);
                return;
            }

            long due = Volatile.Read(ref _due);
            DateTimeOffset now = _time.GetUtcNow();
            if (due > now.UtcTicks)
            {
                Volatile.Write(ref _alarmAt, due);
                _alarm.Change(Until(due, now), Timeout.InfiniteTimeSpan);
                Interlocked.MemoryBarrier();
                // It may have moved to an earlier time meanwhile, by a writer that saw the old alarm.
                long again = Volatile.Read(ref _due);
                if (again < due)
                {
                    _alarm.Change(Until(again, now), Timeout.InfiniteTimeSpan);
                }

                return;
            }

            TookTooLong = due >= _end.UtcTicks;
            _expired = true;
        }

        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt has just ended by itself.
        }
    }

    /// <summary>Rounded up to what a timer can tell apart, so that it never fires just before its time.</summary>
    private static TimeSpan Until(long ticks, DateTimeOffset now)
    {
        var left = TimeSpan.FromTicks(ticks - now.UtcTicks);
        return left > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : TimeSpan.Zero;
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
