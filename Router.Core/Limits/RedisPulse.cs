namespace Router.Core.Limits;

/// <summary>
/// Whether Redis answers in time, for all counters of a replica. While it does not, no request waits for it; tries go on
/// in the background, paced and jittered so that replicas do not come back all at once.
/// </summary>
internal sealed class RedisPulse(LimitTimings timings, TimeProvider time, Random random)
{
    private long _retryAt = long.MinValue;
    private volatile bool _answers = true;

    /// <summary>False while the last exchange failed or was slower than a request may wait.</summary>
    public bool Answers => _answers;

    /// <summary>Whether the caller may send something. While Redis does not answer, one caller in each retry span may.</summary>
    public bool ClaimTry()
    {
        if (_answers)
            return true;
        var (now, due) = (time.GetTimestamp(), Volatile.Read(ref _retryAt));
        return now >= due && Interlocked.CompareExchange(ref _retryAt, now + Jittered(timings.Retry, 0.5), due) == due;
    }

    public void Answered(TimeSpan took) => _answers = took <= timings.Wait;

    /// <summary>A request waited as long as it may; the exchange it waited for goes on.</summary>
    public void WasSlow() => _answers = false;

    public void Failed()
    {
        _answers = false;
        Volatile.Write(ref _retryAt, time.GetTimestamp() + Jittered(timings.Retry, 0.5));
    }

    /// <returns>The span in timestamp units, lengthened at random by up to the share.</returns>
    public long Jittered(TimeSpan span, double share)
    {
        double factor;
        lock (random)
            factor = 1 + (share * random.NextDouble());
        return (long)(span.TotalSeconds * factor * time.TimestampFrequency);
    }
}
