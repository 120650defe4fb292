using Router.Core.Limits;
using Router.Core.Telemetry;
using StackExchange.Redis;

namespace Router.Core.Keys;

/// <summary>The Redis channel that tells every replica the stored state changed. The message carries nothing.</summary>
public sealed class StateChannel(RedisAccess redis, TimeProvider time)
{
    public static RedisChannel Channel { get; } = RedisChannel.Literal("router:state");

    /// <summary>Best effort and bounded: with Redis gone, LISTEN and the poll carry the change.</summary>
    /// <returns>False when Redis did not take it.</returns>
    public async Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await redis.GetAsync(cancellationToken).ConfigureAwait(false) is not { } multiplexer)
                return false;
            await RedisSpans.RunAsync(
                "PUBLISH", multiplexer, static m => m.GetSubscriber().PublishAsync(Channel, ""), RedisAccess.CommandTimeout, time, cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (RedisAccess.IsOutage(exception))
        {
            return false;
        }
    }
}
