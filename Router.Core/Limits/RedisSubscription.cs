using StackExchange.Redis;

namespace Router.Core.Limits;

/// <summary>
/// One handler on one channel, however often it takes to subscribe it. A try that fails leaves its handler with the client,
/// which subscribes it all the same once Redis is there: without taking it back each message would be heard once for each try.
/// </summary>
internal sealed class RedisSubscription(RedisChannel channel, TimeProvider time)
{
    private Action<RedisChannel, RedisValue>? _handler;

    /// <exception cref="RedisException">Redis is gone; may be tried again.</exception>
    /// <exception cref="TimeoutException">Redis is slow; may be tried again.</exception>
    public async Task StartAsync(IConnectionMultiplexer multiplexer, Action<RedisValue> heard, CancellationToken cancellationToken)
    {
        var subscriber = multiplexer.GetSubscriber();
        if (_handler is { } failed)
            await subscriber.UnsubscribeAsync(channel, failed, CommandFlags.FireAndForget).WaitAsync(RedisAccess.CommandTimeout, time, cancellationToken).ConfigureAwait(false);
        _handler = (_, message) => heard(message);
        await subscriber.SubscribeAsync(channel, _handler).WaitAsync(RedisAccess.CommandTimeout, time, cancellationToken).ConfigureAwait(false);
    }
}
