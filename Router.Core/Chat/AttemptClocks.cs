namespace Router.Core.Chat;

/// <summary>Clocks of attempts that have ended, to be used again: a timer, a cancellation source and what is registered with it are a tenth of what a request allocates.</summary>
public sealed class AttemptClocks(TimeProvider time)
{
    private const int Most = 1_024;

    private readonly Lock _lock = new();
    private readonly Stack<AttemptClock> _idle = [];

    /// <summary>A clock that runs for a stream.</summary>
    public AttemptClock Begin(AttemptLimits limits, DateTimeOffset deadline, CancellationToken caller) => Begin(limits, deadline, stream: true, caller);

    /// <summary>A clock that runs.</summary>
    /// <param name="stream">False: a JSON answer, which comes in one piece and has no first token.</param>
    public AttemptClock Begin(AttemptLimits limits, DateTimeOffset deadline, bool stream, CancellationToken caller)
    {
        AttemptClock? clock;
        lock (_lock)
        {
            _idle.TryPop(out clock);
        }

        clock ??= new AttemptClock(time, this);
        clock.Begin(limits, deadline, stream, caller);
        return clock;
    }

    internal bool TryKeep(AttemptClock clock)
    {
        lock (_lock)
        {
            if (_idle.Count == Most)
            {
                return false;
            }

            _idle.Push(clock);
            return true;
        }
    }
}
