using Router.Api.Studio;

namespace Router.Tests.Studio;

public sealed class PoolThreadHubFilterTests
{
    [Fact]
    public async Task A_pages_message_is_worked_on_by_the_thread_pool()
    {
        var worked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        new Thread(() => _ = new PoolThreadHubFilter().InvokeMethodAsync(null!, _ =>
        {
            worked.SetResult(Thread.CurrentThread.IsThreadPoolThread);
            return ValueTask.FromResult<object?>(null);
        }).AsTask())
        { IsBackground = true }.Start();

        Assert.True(await worked.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }
}
