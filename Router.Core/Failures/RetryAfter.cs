using System.Globalization;
using System.Text.RegularExpressions;

namespace Router.Core.Failures;

/// <summary>
/// Reads how long a provider asks to wait: seconds, milliseconds, an HTTP date, or durations as Go writes them
/// (<c>6m0s</c>, <c>12ms</c>, <c>2m59.56s</c>).
/// </summary>
public static partial class RetryAfter
{
    /// <summary>A day, the longest window any provider counts in; what asks for more is cut to this, for keys and for what callers are told.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private const int ShortestDate = 16;

    /// <summary>From the headers; null when they name no time.</summary>
    public static TimeSpan? FromHeaders(HttpResponseMessage response)
    {
        TimeSpan? exact = Seconds(Header(response, "retry-after-ms")) / 1000;
        // No pause at all, beside one in the other header, says nothing.
        return exact > TimeSpan.Zero || Header(response, "retry-after") is not { } text ? exact : Seconds(text) ?? Date(text, response) ?? Duration(text) ?? exact;
    }

    private static TimeSpan? Seconds(string? text) =>
        text is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? Sane(seconds) : null;

    /// <summary>A date counts from the provider's own clock, which it sends along; from ours where the answer was dated on arrival. A time of day is none.</summary>
    private static TimeSpan? Date(string text, HttpResponseMessage response) =>
        text.Length >= ShortestDate && response.Headers.Date is { } now && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            ? Sane((at - now).TotalSeconds)
            : null;

    /// <summary>
    /// From the limits an answer reports, for providers that send no Retry-After: the longest reset among those that are used
    /// up, in seconds or as a duration. A reset that is not used up says nothing about when to come back.
    /// </summary>
    public static TimeSpan? FromLimits(HttpResponseMessage response)
    {
        TimeSpan? longest = null;
        foreach (string limit in (ReadOnlySpan<string>)["requests", "tokens", "requests-day", "tokens-minute"])
        {
            if (Header(response, $"x-ratelimit-remaining-{limit}") == "0" && Reset(Header(response, $"x-ratelimit-reset-{limit}")) is { } reset && (longest is null || reset > longest))
            {
                longest = reset;
            }
        }

        return longest ?? Reset(Header(response, "ratelimitbysize-reset"));
    }

    /// <summary>From a sentence such as "try again in 9m38.016s"; null when it names no time.</summary>
    public static TimeSpan? FromMessage(string message) =>
        InSentence().Match(message) is { Success: true } match ? Duration(match.Groups[1].Value) : null;

    /// <summary>A Go duration; null when the text is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (text.Length is 0 or > 64 || !WholeDuration().IsMatch(text))
        {
            return null;
        }

        double seconds = 0;
        foreach (Match part in Part().Matches(text))
        {
            double value = double.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture);
            seconds += part.Groups[2].Value switch
            {
                "h" => value * 3600,
                "m" => value * 60,
                "s" => value,
                "ms" => value / 1e3,
                _ => value / 1e6,
            };
        }

        return Sane(seconds);
    }

    private static TimeSpan? Reset(string? text) =>
        text is null ? null : Seconds(text) ?? Duration(text);

    private static TimeSpan? Sane(double seconds) =>
        !double.IsFinite(seconds) ? null
        : seconds <= 0 ? TimeSpan.Zero
        : seconds >= Longest.TotalSeconds ? Longest
        : TimeSpan.FromSeconds(seconds);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault()?.Trim() : null;

    [GeneratedRegex(@"^(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s|us|µs))+$", RegexOptions.CultureInvariant)]
    private static partial Regex WholeDuration();

    [GeneratedRegex(@"(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|s|us|µs)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();

    [GeneratedRegex(@"(?:try again|retry) in ((?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex InSentence();
}
