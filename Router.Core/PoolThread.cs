using System.Runtime.CompilerServices;

namespace Router.Core;

/// <summary>
/// Sockets may be polled by the threads that serve chats, and what awaits a socket goes on there. Whatever blocks, touches a
/// disk or computes for long must leave them first.
/// </summary>
public static class PoolThread
{
    /// <summary>Goes on on the thread pool; at once where it is on one of its threads already.</summary>
    public static ConfiguredTaskAwaitable Switch() =>
        Task.CompletedTask.ConfigureAwait(Thread.CurrentThread.IsThreadPoolThread ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.ForceYielding);

    /// <summary>Goes on on the thread pool, behind all that waits there: whoever has had its turn.</summary>
    public static YieldAwaitable Yield() => Task.Yield();
}
