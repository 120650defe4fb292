namespace Router.Api.Dialects;

/// <summary>
/// Speaks up where a stream is silent for too long. Whoever writes to the response owns it; between
/// <see cref="Waiting"/> and <see cref="ResumeAsync"/> nobody does, and the timer may take it.
/// </summary>
internal sealed class KeepAlive : IDisposable
{
    private const int Writing = 0;
    private const int Free = 1;
    private const int Speaking = 2;

    private readonly TimeSpan _silence;
    private readonly TimeProvider _time;
    private readonly Func<Task> _speak;
    private readonly ITimer _timer;
    private int _state;
    private long _since;
    private TaskCompletionSource? _spoken;
    private volatile bool _disposed;

    /// <param name="speak">Writes and flushes; nobody else writes meanwhile.</param>
    public KeepAlive(TimeSpan silence, TimeProvider time, Func<Task> speak)
    {
        (_silence, _time, _speak) = (silence, time, speak);
        _since = time.GetTimestamp();
        _timer = time.CreateTimer(static state => _ = ((KeepAlive)state!).LookAsync(), this, silence, Timeout.InfiniteTimeSpan);
    }

    /// <summary>From here on the stream waits for something to send.</summary>
    public void Waiting()
    {
        Volatile.Write(ref _since, _time.GetTimestamp());
        Volatile.Write(ref _state, Free);
    }

    /// <summary>Takes the response back, once what is being said is said.</summary>
    public ValueTask ResumeAsync() =>
        Interlocked.CompareExchange(ref _state, Writing, Free) == Free ? ValueTask.CompletedTask : new(SpokenAsync());

    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    private async Task SpokenAsync()
    {
        while (Interlocked.CompareExchange(ref _state, Writing, Free) != Free)
        {
            await Volatile.Read(ref _spoken)!.Task.ConfigureAwait(false);
        }
    }

    private async Task LookAsync()
    {
        TimeSpan left = _silence - _time.GetElapsedTime(Volatile.Read(ref _since));
        if (left <= TimeSpan.Zero && TryTake() is { } spoken)
        {
            try
            {
                if (!_disposed)
                {
                    await _speak().ConfigureAwait(false);
                }
            }
            catch (Exception)
            {
                // The caller is gone; the stream itself learns of it.
            }
            finally
            {
                Volatile.Write(ref _since, _time.GetTimestamp());
                left = _silence;
                Volatile.Write(ref _state, Free);
                spoken.SetResult();
            }
        }

        if (!_disposed)
        {
            _timer.Change(left > TimeSpan.Zero ? left : _silence, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Null while the stream itself writes.</summary>
    private TaskCompletionSource? TryTake()
    {
        var spoken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _spoken, spoken);
        return Interlocked.CompareExchange(ref _state, Speaking, Free) == Free ? spoken : null;
    }
}
