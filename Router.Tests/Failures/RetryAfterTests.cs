using Router.Core.Failures;

namespace Router.Tests.Failures;

public sealed class RetryAfterTests
{
    [Theory]
    [InlineData("12ms", 0.012)]
    [InlineData("1s", 1d)]
    [InlineData("6m0s", 360d)]
    [InlineData("2m59.56s", 179.56)]
    [InlineData("1h2m3s", 3723d)]
    [InlineData("", null)]
    [InlineData("5", null)]
    [InlineData("soon", null)]
    [InlineData("-1s", null)]
    public void Durations_are_read_as_go_writes_them(string text, double? seconds) =>
        Assert.Equal(seconds, RetryAfter.Duration(text)?.TotalSeconds);

    [Theory]
    [InlineData("Please try again in 9m38.016s. Visit", 578.016)]
    [InlineData("Please retry in 53.43s.", 53.43)]
    [InlineData("Try again later", null)]
    public void A_sentence_may_name_the_time(string message, double? seconds) =>
        Assert.Equal(seconds, RetryAfter.FromMessage(message)?.TotalSeconds);

    [Theory]
    [InlineData("retry-after: 7", 7d)]
    [InlineData("retry-after-ms: 1500|retry-after: 7", 1.5)]
    [InlineData("retry-after: Mon, 23 Nov 2026 10:00:30 GMT|date: Mon, 23 Nov 2026 10:00:00 GMT", 30d)]
    [InlineData("retry-after: Mon, 23 Nov 2026 09:00:00 GMT|date: Mon, 23 Nov 2026 10:00:00 GMT", 0d)]
    [InlineData("retry-after: 99999999999", 86400d)]
    [InlineData("retry-after: never", null)]
    public void Headers_name_it_in_seconds_milliseconds_or_as_a_date(string headers, double? seconds) =>
        Assert.Equal(seconds, RetryAfter.FromHeaders(Response(headers))?.TotalSeconds);

    [Theory]
    [InlineData("x-ratelimit-remaining-requests: 0|x-ratelimit-reset-requests: 6m0s|x-ratelimit-remaining-tokens: 5|x-ratelimit-reset-tokens: 9m0s", 360d)]
    [InlineData("x-ratelimit-remaining-requests: 0|x-ratelimit-reset-requests: 1s|x-ratelimit-remaining-tokens: 0|x-ratelimit-reset-tokens: 2.5", 2.5)]
    [InlineData("x-ratelimit-remaining-tokens-minute: 0|x-ratelimit-reset-tokens-minute: 11.2", 11.2)]
    [InlineData("ratelimitbysize-reset: 42", 42d)]
    [InlineData("x-ratelimit-remaining-requests: 1|x-ratelimit-reset-requests: 6m0s", null)]
    public void Of_the_limits_only_those_used_up_count(string headers, double? seconds) =>
        Assert.Equal(seconds, RetryAfter.FromLimits(Response(headers))?.TotalSeconds);

    private static HttpResponseMessage Response(string headers)
    {
        var response = new HttpResponseMessage();
        foreach (string header in headers.Split('|'))
        {
            response.Headers.TryAddWithoutValidation(header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..]);
        }

        return response;
    }
}
