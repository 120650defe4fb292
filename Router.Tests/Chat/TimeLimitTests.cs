using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Chat;
using Router.Core.Providers;

namespace Router.Tests.Chat;

public sealed class TimeLimitTests
{
    private static readonly AttemptLimits Limits = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60));

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void An_attempt_without_headers_ends_at_the_header_limit()
    {
        using AttemptClock clock = Clock();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(clock.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(clock.Token.IsCancellationRequested && clock.Expired);
        Assert.Contains("response headers", clock.TimeoutException(new OperationCanceledException()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_alone_do_not_buy_more_than_the_first_token_limit()
    {
        using AttemptClock clock = Clock();
        _time.Advance(TimeSpan.FromSeconds(4));
        clock.HeadersReceived();
        _time.Advance(TimeSpan.FromSeconds(15.9));
        Assert.False(clock.Expired);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(clock.Expired);
    }

    [Fact]
    public void Progress_counts_only_silence_until_the_total_limit()
    {
        using AttemptClock clock = Clock();
        clock.HeadersReceived();
        for (int i = 0; i < 29; i++)
        {
            clock.Progress();
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.False(clock.Expired);
        }

        clock.Progress();
        _time.Advance(TimeSpan.FromSeconds(2.1));
        Assert.True(clock.Expired);
    }

    [Fact]
    public void Silence_between_chunks_ends_the_attempt()
    {
        using AttemptClock clock = Clock();
        clock.HeadersReceived();
        clock.Progress();
        _time.Advance(TimeSpan.FromSeconds(3.1));
        Assert.True(clock.Expired);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10)]
    public async Task A_body_that_stops_midway_is_silence_between_pieces(int? announced)
    {
        using AttemptClock clock = Clock();
        clock.HeadersReceived();
        var provider = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        using var response = new HttpResponseMessage { Content = new StreamContent(provider.Reader.AsStream()) };
        response.Content.Headers.ContentLength = announced;
        Task reading = HttpBodies.ReadSharedAsync(response, 1_000, clock.Token, clock).AsTask();
        await provider.Writer.WriteAsync(new byte[4], TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(3.1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Contains("next piece", clock.TimeoutException(new OperationCanceledException()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_deadline_of_the_request_ends_an_attempt_before_its_own_limits()
    {
        using AttemptClock clock = Clock(deadline: _time.GetUtcNow() + TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(clock.Expired);
    }

    [Fact]
    public async Task A_caller_that_leaves_is_not_a_timeout()
    {
        using var caller = new CancellationTokenSource();
        using var clock = new AttemptClock(Limits, DateTimeOffset.MaxValue, _time, caller.Token);
        await caller.CancelAsync();
        Assert.True(clock.Token.IsCancellationRequested);
        Assert.False(clock.Expired);
    }

    private AttemptClock Clock(DateTimeOffset? deadline = null) => new(Limits, deadline ?? DateTimeOffset.MaxValue, _time, CancellationToken.None);
}
