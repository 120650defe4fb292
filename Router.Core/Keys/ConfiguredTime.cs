using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Router.Core.Keys;

/// <summary>Times from the configuration. One that cannot be meant fails the start: a timer of no length spins, and a retention of none deletes what is kept.</summary>
public static class ConfiguredTime
{
    /// <summary>Longer than any interval of ours is meant to be, and well within what timers can count.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    public static readonly TimeSpan ShortestRetention = TimeSpan.FromDays(1);

    public static readonly TimeSpan LongestRetention = TimeSpan.FromDays(36_500);

    /// <exception cref="OptionsValidationException">It is not from a millisecond to a day.</exception>
    public static TimeSpan Interval(IConfiguration configuration, string key, TimeSpan usual) => Read(configuration, key, usual, IsInterval, "hh:mm:ss, more than none and at most a day");

    /// <exception cref="OptionsValidationException">It is not from a day to a century.</exception>
    public static TimeSpan Retention(IConfiguration configuration, string key, TimeSpan usual) => Read(configuration, key, usual, IsRetention, "d.hh:mm:ss, at least a day and at most 36500 days");

    public static bool IsInterval(TimeSpan time) => time >= TimeSpan.FromMilliseconds(1) && time <= LongestInterval;

    public static bool IsRetention(TimeSpan time) => time >= ShortestRetention && time <= LongestRetention;

    private static TimeSpan Read(IConfiguration configuration, string key, TimeSpan usual, Func<TimeSpan, bool> isGood, string wanted)
    {
        var time = configuration.GetValue(key, usual);
        return isGood(time) ? time : throw new OptionsValidationException(key, typeof(TimeSpan), [$"{key} is '{time}'; it takes {wanted}"]);
    }
}
