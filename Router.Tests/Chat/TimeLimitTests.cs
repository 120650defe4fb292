using System.Collections.Concurrent;
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

    [Fact]
    public void A_clock_used_again_keeps_the_time_of_its_new_attempt()
    {
        var clocks = new AttemptClocks(_time);
        AttemptClock first = clocks.Begin(Limits, DateTimeOffset.MaxValue, CancellationToken.None);
        first.HeadersReceived();
        first.Progress();
        first.Dispose();
        _time.Advance(TimeSpan.FromSeconds(2));
        AttemptClock second = clocks.Begin(Limits, DateTimeOffset.MaxValue, CancellationToken.None);
        Assert.Same(first, second);
        Assert.Null(second.Headers);
        // The first one's limits pass.
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(second.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(second.Expired);
        Assert.Contains("response headers", second.TimeoutException(new OperationCanceledException()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_idle_clock_runs_out_for_nobody_and_wakes_for_the_next()
    {
        var clocks = new AttemptClocks(_time);
        AttemptClock clock = clocks.Begin(Limits, DateTimeOffset.MaxValue, CancellationToken.None);
        clock.Dispose();
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Same(clock, clocks.Begin(Limits with { Header = TimeSpan.FromSeconds(1) }, DateTimeOffset.MaxValue, CancellationToken.None));
        Assert.False(clock.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(clock.Expired);
    }

    [Fact]
    public async Task What_listened_to_an_attempt_that_has_ended_hears_nothing_of_the_next()
    {
        var clocks = new AttemptClocks(_time);
        using var caller = new CancellationTokenSource();
        AttemptClock first = clocks.Begin(Limits, DateTimeOffset.MaxValue, caller.Token);
        bool heard = false;
        using CancellationTokenRegistration listener = first.Token.Register(() => heard = true);
        first.Dispose();
        using var other = new CancellationTokenSource();
        AttemptClock second = clocks.Begin(Limits, DateTimeOffset.MaxValue, other.Token);
        Assert.Same(first, second);
        await caller.CancelAsync();
        Assert.False(second.Token.IsCancellationRequested);
        await other.CancelAsync();
        Assert.True(second.Token.IsCancellationRequested);
        Assert.False(heard);
    }

    [Fact]
    public async Task A_clock_that_has_ended_an_attempt_is_not_used_again()
    {
        var clocks = new AttemptClocks(_time);
        AttemptClock expired = clocks.Begin(Limits, DateTimeOffset.MaxValue, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.True(expired.Expired);
        expired.Dispose();
        using var caller = new CancellationTokenSource();
        AttemptClock left = clocks.Begin(Limits, DateTimeOffset.MaxValue, caller.Token);
        Assert.NotSame(expired, left);
        await caller.CancelAsync();
        left.Dispose();
        using AttemptClock next = clocks.Begin(Limits, DateTimeOffset.MaxValue, CancellationToken.None);
        Assert.NotSame(left, next);
        Assert.False(next.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_caller_that_has_left_already_ends_the_attempt_at_once()
    {
        using AttemptClock clock = new AttemptClocks(_time).Begin(Limits, DateTimeOffset.MaxValue, new CancellationToken(true));
        Assert.True(clock.Token.IsCancellationRequested);
        Assert.False(clock.Expired);
    }

    /// <summary>Attempts that end, expire and are left at the same moments as their clocks are used again: none is ended by another's.</summary>
    [Fact]
    public async Task Clocks_used_again_by_several_threads_end_none_but_their_own_attempt()
    {
        var clocks = new AttemptClocks(TimeProvider.System);
        AttemptLimits brief = Limits with { Header = TimeSpan.FromMilliseconds(1) };
        using var leaving = new BlockingCollection<CancellationTokenSource>();
        Task leaver = Task.Run(() =>
        {
            foreach (CancellationTokenSource caller in leaving.GetConsumingEnumerable())
            {
                caller.Cancel();
            }
        }, TestContext.Current.CancellationToken);
        int wrong = 0;
        int ended = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 3_000; i++)
            {
                int fate = (i + thread) % 3;
                var caller = new CancellationTokenSource();
                using AttemptClock clock = clocks.Begin(fate == 0 ? brief : Limits, DateTimeOffset.MaxValue, caller.Token);
                if (fate == 1)
                {
                    leaving.Add(caller);
                }

                Thread.SpinWait(100 * (i % 50));
                if (fate == 2)
                {
                    Interlocked.Add(ref wrong, clock.Expired || clock.Token.IsCancellationRequested ? 1 : 0);
                }
                else
                {
                    Interlocked.Add(ref ended, clock.Token.IsCancellationRequested ? 1 : 0);
                }
            }
        })));
        leaving.CompleteAdding();
        await leaver;
        Assert.Equal(0, wrong);
        Assert.NotEqual(0, ended);
    }

    private AttemptClock Clock(DateTimeOffset? deadline = null) => new(Limits, deadline ?? DateTimeOffset.MaxValue, _time, CancellationToken.None);
}
