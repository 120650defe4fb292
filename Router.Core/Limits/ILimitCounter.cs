namespace Router.Core.Limits;

/// <summary>One counter's exchange with what all replicas share.</summary>
/// <param name="Need">Wanted by requests that wait: granted as far as the limit goes.</param>
/// <param name="Want">Wanted ahead of requests, <see cref="Need"/> included: at most a quarter of what is left.</param>
/// <param name="Charge">
/// Used already, without asking, by <see cref="Origin"/> in the window <see cref="ChargedIn"/> altogether. Counts even beyond the limit, once
/// however often it is told, and only while that window runs: what fell in another is no matter of this one.
/// </param>
/// <param name="Give">Drawn earlier in <see cref="GiveWindow"/> and not used; ignored once that window is over.</param>
/// <param name="Next">The window after the one that runs, to draw of it before it begins; any other draws of the one that runs.</param>
/// <param name="ChargedIn">The number of the window the charge fell in.</param>
/// <param name="Origin">Who charges: a counter of a replica, as long as it lives.</param>
internal readonly record struct CounterDraw(LimitRule Rule, long Need, long Want, long Charge, long Give, long GiveWindow, long Next = 0, long ChargedIn = 0, string Origin = "");

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
