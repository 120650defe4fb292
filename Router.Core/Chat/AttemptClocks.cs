namespace Router.Core.Chat;

/// <summary>
/// Clocks of attempts that have ended, to be used again: a timer, a cancellation source and what is registered with it are a tenth of what a request allocates.
/// As every attempt has one, they also tell what runs, at no cost to what does, and can end all of it.
/// </summary>
public sealed class AttemptClocks : IDisposable
{
    private const int Most = 1_024;

    private readonly CancellationTokenSource _ending = new();
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Stack<AttemptClock> _idle = [];
    private readonly HashSet<AttemptClock> _all = [];

    public AttemptClocks(TimeProvider time) => (_time, Ending) = (time, _ending.Token);

    /// <summary>Cancelled when the process wants no attempt to run any more.</summary>
    public CancellationToken Ending { get; }

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

        if (clock is null)
        {
            clock = new AttemptClock(_time, this);
            lock (_lock)
            {
                _all.Add(clock);
            }
        }

        clock.Begin(limits, deadline, stream, caller);
        if (Ending.IsCancellationRequested)
        {
            clock.End();
        }

        return clock;
    }

    /// <summary>What runs, each with the time since it began. Its records are still being written.</summary>
    internal List<(RouterChatOptions Serves, TimeSpan For)> Running()
    {
        List<(RouterChatOptions, TimeSpan)> running = [];
        lock (_lock)
        {
            foreach (AttemptClock clock in _all)
            {
                if (clock.Serves is { } serves)
                {
                    running.Add((serves, clock.Elapsed));
                }
            }
        }

        return running;
    }

    /// <summary>Ends every attempt that runs, and each that is begun after this.</summary>
    /// <returns>How many ran.</returns>
    public int End()
    {
        _ending.Cancel();
        AttemptClock[] all;
        lock (_lock)
        {
            all = [.. _all];
        }

        return all.Count(clock => clock.End());
    }

    public void Dispose() => _ending.Dispose();

    internal void Forget(AttemptClock clock)
    {
        lock (_lock)
        {
            _all.Remove(clock);
        }
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
