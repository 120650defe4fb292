using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Router.Core.Limits;

/// <summary>
/// The Redis connection, made when first needed and off the caller's path: making it may block for seconds or fail
/// while Redis is gone, and neither may delay the start of a replica.
/// </summary>
public sealed class RedisAccess(IServiceProvider services, TimeProvider time)
{
    /// <summary>Beyond this Redis counts as gone for the call at hand.</summary>
    public static readonly TimeSpan CommandTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>Making a connection takes longer than a command may, most of all while everything else starts too.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Task<IConnectionMultiplexer?>? _connecting;

    /// <returns>Null when no Redis is configured.</returns>
    /// <exception cref="TimeoutException">It is still connecting; a later call finds the connection made.</exception>
    public Task<IConnectionMultiplexer?> GetAsync(CancellationToken cancellationToken)
    {
        var connecting = Connecting();
        return connecting.IsCompletedSuccessfully ? connecting : connecting.WaitAsync(CommandTimeout, time, cancellationToken);
    }

    /// <summary>Waits, within a bound, for the first connection: what repeats in the background begins after it, so that a start is no outage.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) =>
        Connecting().WaitAsync(StartPatience, time, cancellationToken).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private Task<IConnectionMultiplexer?> Connecting()
    {
        lock (_lock)
        {
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
                _connecting = Task.Run(services.GetService<IConnectionMultiplexer>, CancellationToken.None);
            return _connecting;
        }
    }

    /// <summary>Whether the exception means that Redis is slow, gone or shutting down, as opposed to a defect of ours.</summary>
    public static bool IsOutage(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException;
}
