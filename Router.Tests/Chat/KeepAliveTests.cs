using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Tests.Support;

namespace Router.Tests.Chat;

public sealed class KeepAliveTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStream _sent = new();
    private readonly Channel<Exception?> _source = Channel.CreateUnbounded<Exception?>();

    [Fact]
    public async Task Ten_seconds_of_silence_bring_a_comment_and_a_failure_after_it_is_an_error_in_the_stream()
    {
        var context = new DefaultHttpContext();
        context.Response.Body = _sent;
        var request = new RouteRequest { Workspace = Pipeline.Workspace(null), Model = "openai/gpt-4o" };
        Task writing = new AnswerStreamWriter(context, request, false, _time).WriteAsync(UpdatesAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal("", Text());
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await SentAsync(": keep-alive\n\n");
        _time.Advance(TimeSpan.FromSeconds(10.1));
        await SentAsync(": keep-alive\n\n: keep-alive\n\n");

        _source.Writer.TryWrite(new RouterException(new RouterError(502, "all_attempts_failed", "provider_error", "gone")));
        await writing.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.EndsWith("""data: {"error":{"message":"gone","type":"provider_error","code":"all_attempts_failed","param":null}}""" + "\n\n", Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", Text(), StringComparison.Ordinal);
        Assert.Equal(200, context.Response.StatusCode);
    }

    [Fact]
    public async Task Whoever_writes_has_the_response_to_itself()
    {
        var gate = new TaskCompletionSource();
        int spoken = 0;
        using var keepAlive = new KeepAlive(TimeSpan.FromSeconds(10), _time, () =>
        {
            spoken++;
            return gate.Task;
        });
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, spoken); // The stream writes.

        keepAlive.Waiting();
        _time.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Equal(1, spoken);
        Task back = keepAlive.ResumeAsync().AsTask();
        Assert.False(back.IsCompleted);
        gate.SetResult();
        await back.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, spoken);
        for (int i = 0; i < 3; i++)
        {
            keepAlive.Waiting();
            Assert.True(keepAlive.ResumeAsync().AsTask().IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task Taking_the_response_back_at_the_moment_it_is_spoken_on_loses_nothing()
    {
        (int inside, int most, int spoken) = (0, 0, 0);
        using var keepAlive = new KeepAlive(TimeSpan.FromMilliseconds(1), TimeProvider.System, async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            spoken++;
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        });
        long end = Environment.TickCount64 + 300;
        while (Environment.TickCount64 < end)
        {
            keepAlive.Waiting();
            await Task.Delay(Random.Shared.Next(2), TestContext.Current.CancellationToken);
            await keepAlive.ResumeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
            most = Math.Max(most, Interlocked.Increment(ref inside));
            Interlocked.Decrement(ref inside);
        }

        Assert.Equal(1, most);
        Assert.NotEqual(0, spoken);
    }

    public void Dispose() => _sent.Dispose();

    private async IAsyncEnumerable<ChatResponseUpdate> UpdatesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (await _source.Reader.ReadAsync(cancellationToken) is { } error)
        {
            throw error;
        }

        yield break;
    }

    private string Text() => Encoding.UTF8.GetString(_sent.ToArray());

    private async Task SentAsync(string expected)
    {
        for (int i = 0; i < 100 && Text() != expected; i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, Text());
    }
}
