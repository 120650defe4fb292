namespace Router.Core.Limits;

/// <summary>The time bounds of the limiter.</summary>
/// <param name="Wait">The most a request waits for Redis, once, when its replica holds no lease.</param>
/// <param name="Retry">From a failure of Redis to the next try, up to half as much again at random.</param>
/// <param name="Ahead">How much recent use a lease is drawn ahead for.</param>
/// <param name="Idle">A lease unused for so long goes back.</param>
/// <param name="Keep">A replica asked within this time keeps a reserve at hand in every window.</param>
/// <param name="Gather">From one charge of tokens sent to Redis to the next, unless the limit is near; what is tended sends the rest.</param>
/// <param name="Recheck">How long a used-up limit is taken for used up before Redis is asked again, up to twice that at random.</param>
/// <param name="Forget">A counter unused for so long is dropped from memory.</param>
internal sealed record LimitTimings(TimeSpan Wait, TimeSpan Retry, TimeSpan Ahead, TimeSpan Idle, TimeSpan Keep, TimeSpan Gather, TimeSpan Recheck, TimeSpan Forget)
{
    public static LimitTimings Default { get; } = new(
        Wait: TimeSpan.FromMilliseconds(50),
        Retry: TimeSpan.FromMilliseconds(500),
        Ahead: TimeSpan.FromMilliseconds(100),
        Idle: TimeSpan.FromMilliseconds(100),
        Keep: TimeSpan.FromSeconds(5),
        Gather: TimeSpan.FromMilliseconds(100),
        Recheck: TimeSpan.FromMilliseconds(20),
        Forget: TimeSpan.FromMinutes(2));
}
