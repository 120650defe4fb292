using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Router.Api.Dialects;

namespace Router.Tests.Dialects;

/// <summary>Requests are read on the threads that poll the sockets; a large one must leave them to the others.</summary>
public sealed class RequestBodyThreadTests
{
    [Theory]
    [InlineData(1_000, false)]
    [InlineData(60 * 1024, false)]
    [InlineData(256 * 1024, true)]
    [InlineData(1024 * 1024, true)]
    [InlineData(10 * 1024 * 1024, true)]
    public async Task A_large_body_moves_to_the_thread_pool(int size, bool moves)
    {
        var bodies = new RequestBody(new ConfigurationBuilder().Build());
        var context = new DefaultHttpContext { Request = { Body = new MemoryStream(new byte[size]), ContentLength = size } };
        var moved = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        new Thread(() => _ = ReadAsync()) { IsBackground = true }.Start();

        Assert.Equal(moves, await moved.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        async Task ReadAsync()
        {
            RequestBuffer buffer = await bodies.ReadAsync(context).ConfigureAwait(false);
            Assert.Equal(size, buffer.Bytes.Length);
            moved.SetResult(Thread.CurrentThread.IsThreadPoolThread);
        }
    }
}
