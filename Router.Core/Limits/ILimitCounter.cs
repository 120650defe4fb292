namespace Router.Core.Limits;

/// <summary>One counter's exchange with what all replicas share.</summary>
/// <param name="Need">Wanted by requests that wait: granted as far as the limit goes.</param>
/// <param name="Want">Wanted ahead of requests, <see cref="Need"/> included: at most a quarter of what is left.</param>
/// <param name="Charge">Used already, without asking; counts even beyond the limit.</param>
/// <param name="Give">Drawn earlier in <see cref="GiveWindow"/> and not used; ignored once that window is over.</param>
/// <param name="Next">The window after the one that runs, to draw of it before it begins; any other draws of the one that runs.</param>
internal readonly record struct CounterDraw(LimitRule Rule, long Need, long Want, long Charge, long Give, long GiveWindow, long Next = 0);

/// <param name="Used">In this window by all replicas, what they hold unused included.</param>
/// <param name="Window">Number of the window; grows with time.</param>
/// <param name="EndsIn">Until the window ends, seen when the counter was read.</param>
/// <param name="BeginsIn">Until it begins; zero for one that runs.</param>
internal readonly record struct CounterReply(long Granted, long Used, long Window, TimeSpan EndsIn, TimeSpan BeginsIn = default);

/// <summary>Counts for all replicas. An exchange is atomic.</summary>
internal interface ILimitCounter
{
    /// <exception cref="StackExchange.Redis.RedisException">It is gone.</exception>
    /// <exception cref="TimeoutException">It is slow.</exception>
    Task<CounterReply> ExchangeAsync(string key, CounterDraw draw);
}
