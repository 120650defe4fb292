namespace Router.Api.Dialects;

/// <summary>
/// Speaks up where a stream is silent for too long. Whoever writes to the response holds the gate; between
/// <see cref="Waiting"/> and <see cref="ResumeAsync"/> nobody does, and the timer may.
/// </summary>
internal sealed class KeepAlive : IDisposable
{
    private readonly TimeSpan _silence;
    private readonly TimeProvider _time;
    private readonly Func<Task> _speak;
    private readonly ITimer _timer;
    private readonly SemaphoreSlim _gate = new(0, 1);
    private long _since;
    private volatile bool _disposed;

    /// <param name="speak">Writes and flushes; called with the gate held.</param>
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
        _gate.Release();
    }

    /// <summary>Takes the response back.</summary>
    public Task ResumeAsync() => _gate.WaitAsync();

    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    private async Task LookAsync()
    {
        TimeSpan left = _silence - _time.GetElapsedTime(Volatile.Read(ref _since));
        if (left <= TimeSpan.Zero && _gate.Wait(TimeSpan.Zero))
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
                _gate.Release();
            }
        }

        if (!_disposed)
        {
            _timer.Change(left > TimeSpan.Zero ? left : _silence, Timeout.InfiniteTimeSpan);
        }
    }
}
