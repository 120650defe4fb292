using System.Net;
using System.Text;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>How long a provider asks to wait, in every form it may say so.</summary>
public sealed class HostileRetryAfterTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, double?> Headers() => new()
    {
        { "retry-after: 10", 10 },
        { "retry-after: 10.5", 10.5 },
        { "retry-after:  10 ", 10 },
        { "retry-after: Tue, 01 Dec 2026 05:00:10 GMT", 10 },
        { "retry-after: Tuesday, 01-Dec-26 05:00:10 GMT", 10 },
        { "retry-after: Tue Dec  1 05:00:10 2026", 10 },
        { "retry-after: 2026-12-01T05:00:10Z", 10 },
        { "retry-after: Infinity", null },
        { "retry-after: NaN", null },
        { "retry-after: 12:30", null },
        { "retry-after: soon", null },
        { "retry-after: -5", 0 },
        { "retry-after-ms: 0|retry-after: 30", 30 },
        { "retry-after-ms: 1500|retry-after: 30", 1.5 },
        { "retry-after-ms: Infinity|retry-after: 30", 30 },
        { "retry-after: 1m30s", 90 },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_says(string headers, double? seconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.Date = new DateTimeOffset(2026, 12, 1, 5, 0, 0, TimeSpan.Zero);
        foreach (string header in headers.Split('|'))
        {
            response.Headers.TryAddWithoutValidation(header.Split(':', 2)[0], header.Split(':', 2)[1]);
        }

        Assert.Equal(seconds, RetryAfter.FromHeaders(response)?.TotalSeconds);
    }

    [Fact]
    public void A_detail_of_nothing_does_not_hide_the_header()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.TryAddWithoutValidation("retry-after", "30");
        ProviderDefinition provider = ProviderTable.All.Single(one => one.Slug == "google-ai-studio");
        ProviderException failure = Dialect.Of(provider.Dialect).Classify(response, Encoding.UTF8.GetBytes("""{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"0s"}]}}"""), provider, null);
        Assert.Equal(30, failure.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData(503)]
    public async Task A_caller_is_never_told_to_wait_for_a_month(int status)
    {
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json("{}", (HttpStatusCode)status, 40 * 86_400));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(pipeline.Request("""{"model":"openai/a","messages":[{"role":"user","content":"Hi"}]}"""), Cancel));
        Assert.InRange(error.Error.RetryAfter?.TotalSeconds ?? 0, 0, 86_400);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_date_without_a_date_header_counts_from_our_clock_in_an_answer_with_200_too(bool stream)
    {
        ScriptedRouter router = null!;
        router = new(pipeline, (_, _) =>
        {
            const string Limited = """{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}""";
            HttpResponseMessage response = stream ? ScriptedRouter.Events($"data: {Limited}\n\n") : ScriptedRouter.Json(Limited);
            response.Headers.TryAddWithoutValidation("retry-after", (router.Time.GetUtcNow() + TimeSpan.FromSeconds(40)).ToString("R", System.Globalization.CultureInfo.InvariantCulture));
            return response;
        });
        ChatRequest request = pipeline.Request($$"""{"model":"openai/a","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""");
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.Equal(429, error.Error.Status);
        Assert.InRange(error.Error.RetryAfter?.TotalSeconds ?? -1, 38, 41);
    }
}
