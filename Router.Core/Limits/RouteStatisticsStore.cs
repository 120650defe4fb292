using Microsoft.Extensions.Options;
using Router.Core.Health;
using Router.Core.Telemetry;
using StackExchange.Redis;

namespace Router.Core.Limits;

/// <summary>
/// Route statistics in Redis: a message for replicas that run, and one expiring key a route for those that start later.
/// Every command has a deadline; nothing here is called on a request's path.
/// </summary>
public sealed class RouteStatisticsStore(RedisAccess redis, IOptions<RouteStatisticsOptions> options, TimeProvider time)
{
    internal const string Index = "router:measured";
    private const int MaxLoaded = 4_096;

    /// <summary>So many routes go out together.</summary>
    public const int RoutesPerMessage = 100;

    private readonly string _origin = Guid.NewGuid().ToString("N");
    private readonly ExpiringIndex _index = new(Index, time);
    private readonly RedisSubscription _subscription = new(Channel, time);
    private readonly TimeSpan _lifetime = options.Value.Lifetime;

    public static RedisChannel Channel { get; } = RedisChannel.Literal("router:routes");

    public static string Key(string route) => $"router:{{route:{route}}}";

    /// <inheritdoc cref="RedisAccess.StartedAsync"/>
    public Task StartedAsync(CancellationToken cancellationToken) => redis.StartedAsync(cancellationToken);

    /// <exception cref="RedisException">Redis is gone.</exception>
    /// <exception cref="TimeoutException">Redis is slow.</exception>
    /// <returns>False when no Redis is configured.</returns>
    internal async Task<bool> ShareAsync(IReadOnlyList<SharedRoute> routes, CancellationToken cancellationToken)
    {
        if (await redis.GetAsync(cancellationToken).ConfigureAwait(false) is not { } multiplexer)
            return false;
        var json = new RouteStatisticsMessage(_origin, [.. routes.Select(shared => RouteStatisticsEntry.From(shared.Route, shared.Own))]).ToJson();
        // The message last: what is stored can be stored again, what was heard would count twice.
        await RunAsync("SET", (database: multiplexer.GetDatabase(), routes, _lifetime, _index), static s => StoreAsync(s.database, s.routes, s._lifetime, s._index), cancellationToken)
            .ConfigureAwait(false);
        await RunAsync("PUBLISH", (multiplexer, json), static s => s.multiplexer.GetSubscriber().PublishAsync(Channel, s.json), cancellationToken)
            .ConfigureAwait(false);
        return true;
    }

    /// <summary>Hears what others measure. <paramref name="reconnected"/> is called when messages may have been missed.</summary>
    /// <returns>False when no Redis is configured.</returns>
    public async Task<bool> SubscribeAsync(Action<string, RouteSample> heard, Action reconnected, CancellationToken cancellationToken)
    {
        if (await redis.GetAsync(cancellationToken).ConfigureAwait(false) is not { } multiplexer)
            return false;
        await _subscription.StartAsync(multiplexer, Hear, cancellationToken).ConfigureAwait(false);
        multiplexer.ConnectionRestored += (_, _) => reconnected();
        return true;

        void Hear(RedisValue json)
        {
            if (RouteStatisticsMessage.Parse(json) is not { } message || message.Origin == _origin)
                return;
            foreach (var entry in message.Routes)
                heard(entry.Route, entry.ToSample());
        }
    }

    /// <summary>What is stored, with how long ago: what is missing of the time a key lives, so that skewed clocks do not matter.</summary>
    public async Task<IReadOnlyList<(string Route, RouteSample Sum, TimeSpan Age)>> LoadAsync(CancellationToken cancellationToken)
    {
        var loaded = new List<(string, RouteSample, TimeSpan)>();
        if (await redis.GetAsync(cancellationToken).ConfigureAwait(false) is not { } multiplexer)
            return loaded;
        await foreach (var stored in _index.ReadAsync(multiplexer.GetDatabase(), MaxLoaded, cancellationToken).ConfigureAwait(false))
        {
            if (RouteStatisticsEntry.Parse(stored.Value) is { } entry && stored.Expiry is { } left)
                loaded.Add((entry.Route, entry.ToSample(), left < _lifetime ? _lifetime - left : TimeSpan.Zero));
        }

        return loaded;
    }

    /// <summary>All in one go: the commands are on their way together.</summary>
    private static async Task<bool> StoreAsync(IDatabase database, IReadOnlyList<SharedRoute> routes, TimeSpan lifetime, ExpiringIndex index)
    {
        await Task.WhenAll(
        [
            .. routes.Select(shared => database.StringSetAsync(Key(shared.Route), RouteStatisticsEntry.From(shared.Route, shared.Sum).ToJson(), lifetime)),
            index.AddAsync(database, routes.Select(shared => (RedisKey)Key(shared.Route)), lifetime),
        ]).ConfigureAwait(false);
        return true;
    }

    private Task<TResult> RunAsync<TState, TResult>(string operation, TState state, Func<TState, Task<TResult>> call, CancellationToken cancellationToken) =>
        RedisSpans.RunAsync(operation, state, call, RedisAccess.CommandTimeout, time, cancellationToken);
}
