using Microsoft.Extensions.Configuration;
using Router.Core.Health;

namespace Router.Core.Chat;

/// <summary>Every limit of a request, in one place: how long its attempts may take, how many they may be, how long it waits.</summary>
public sealed record ChatLimits
{
    public static ChatLimits Default { get; } = new();

    /// <summary>Those of each attempt.</summary>
    public AttemptLimits Attempt { get; init; } = AttemptLimits.Default;

    /// <summary>For all attempts together, where the request names none.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The longest pause before the last resort, a route that asked for it: a rate limit that ends soon is waited for, a longer one
    /// is reported. Zero: never wait. Well below the silence after which a stream's connection is kept alive, which makes an answer of it.
    /// </summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>One request buys no more upstream calls than this, however long its chain, unless it says so.</summary>
    public int MostAttempts { get; init; } = 16;

    /// <summary>So many failures of a route in a row make it the last to be tried for a while; zero: none do.</summary>
    public int BreakAfter { get; init; } = RouteBreakers.InARow;

    /// <summary>What all streams hold back together, in bytes; zero: by the memory the process may use.</summary>
    public long HeldInAll { get; init; }

    /// <summary>Reads <c>Router:Timeouts</c> and <c>Router:Fallback</c>.</summary>
    /// <exception cref="InvalidOperationException">A value is none, or none that could serve.</exception>
    public static ChatLimits Read(IConfiguration configuration)
    {
        IConfigurationSection timeouts = configuration.GetSection("Router:Timeouts");
        IConfigurationSection fallback = configuration.GetSection("Router:Fallback");
        AttemptLimits attempt = Default.Attempt;
        return new ChatLimits
        {
            Attempt = new AttemptLimits(
                Time(timeouts, "Header", attempt.Header),
                Time(timeouts, "FirstToken", attempt.FirstToken),
                Time(timeouts, "Idle", attempt.Idle),
                Time(timeouts, "Total", attempt.Total))
            {
                // Where the operator sets a limit it holds for all, unless the special one is set too.
                Answer = Special(timeouts, "Answer", attempt.Answer, "Header"),
                LongAnswer = timeouts["Answer"] is null ? Special(timeouts, "Thinking", attempt.LongAnswer, "Header") : null,
                Thinking = Special(timeouts, "Thinking", attempt.Thinking, "Header", "FirstToken"),
                Rescued = Special(timeouts, "FirstTokenWithFallback", attempt.Rescued),
                HeldBytes = Number(fallback, "HeldBytes", attempt.HeldBytes),
            },
            Deadline = Time(timeouts, "Deadline", Default.Deadline),
            LongestWait = Time(fallback, "LongestWait", Default.LongestWait, least: TimeSpan.Zero),
            MostAttempts = (int)Number(fallback, "MostAttempts", Default.MostAttempts, int.MaxValue),
            HeldInAll = Number(fallback, "HeldInAll", Default.HeldInAll, least: 0),
            BreakAfter = (int)Number(fallback, "BreakAfter", Default.BreakAfter, int.MaxValue, least: 0),
        };
    }

    private static TimeSpan? Special(IConfigurationSection section, string name, TimeSpan? usual, params ReadOnlySpan<string> general)
    {
        foreach (string limit in general)
        {
            usual = section[limit] is null ? usual : null;
        }

        return section[name] is null ? usual : Time(section, name, TimeSpan.Zero);
    }

    private static TimeSpan Time(IConfigurationSection section, string name, TimeSpan usual, TimeSpan? least = null)
    {
        TimeSpan value = section.GetValue(name, usual);
        // A day is longer than any answer takes, and well within what timers can count.
        return value >= (least ?? TimeSpan.FromMilliseconds(1)) && value <= TimeSpan.FromDays(1)
            ? value
            : throw new InvalidOperationException($"{section.Path}:{name} is '{value}', which no limit can be. Give hours, minutes and seconds as in 00:00:30, a day at most.");
    }

    private static long Number(IConfigurationSection section, string name, long usual, long most = long.MaxValue, long least = 1)
    {
        long value = section.GetValue(name, usual);
        return value >= least && value <= most
            ? value
            : throw new InvalidOperationException($"{section.Path}:{name} is {value}, which no limit can be.");
    }
}
