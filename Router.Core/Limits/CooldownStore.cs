using Router.Core.Health;
using Router.Core.Telemetry;
using StackExchange.Redis;

namespace Router.Core.Limits;

/// <summary>
/// Credential cooldowns in Redis: one expiring key each, for replicas that start later, and a message for those that
/// run. Every command has a deadline; nothing here is called on a request's path.
/// </summary>
public sealed class CooldownStore(RedisAccess redis, TimeProvider time)
{
    private const string Index = "router:cooldowns";
    private const int MaxLoaded = 10_000;
    private const int MaxModelLength = 256;

    private readonly string _origin = Guid.NewGuid().ToString("N");
    private readonly ExpiringIndex _index = new(Index, time);
    private readonly RedisSubscription _subscription = new(Channel, time);

    public static RedisChannel Channel { get; } = RedisChannel.Literal("router:health");

    /// <summary>The braces are the hash tag: a script may name both a credential's cooldown and what it guards.</summary>
    public static string Key(string credentialId, string model) => $"router:{{cooldown:{credentialId}:{model}}}";

    /// <inheritdoc cref="RedisAccess.StartedAsync"/>
    public Task StartedAsync(CancellationToken cancellationToken) => redis.StartedAsync(cancellationToken);

    /// <exception cref="RedisException">Redis is gone.</exception>
    /// <exception cref="TimeoutException">Redis is slow.</exception>
    public async Task ShareAsync(HealthChange change, CancellationToken cancellationToken)
    {
        if (change.Model.Length > MaxModelLength || await redis.GetAsync(cancellationToken).ConfigureAwait(false) is not { } multiplexer)
            return;
        var json = CooldownMessage.From(_origin, change).ToJson();
        var key = (RedisKey)Key(change.CredentialId, change.Model);
        var database = multiplexer.GetDatabase();
        if (change.IsCleared)
            await RunAsync("DEL", (database, key, _index), static s => DeleteAsync(s.database, s.key, s._index), cancellationToken).ConfigureAwait(false);
        else
            await RunAsync(
                "SET",
                (database, key, json, expiry: change.For ?? Cooldowns.Dead, _index),
                static s => StoreAsync(s.database, s.key, s.json, s.expiry, s._index),
                cancellationToken).ConfigureAwait(false);
        await RunAsync(
            "PUBLISH", (multiplexer, json), static s => s.multiplexer.GetSubscriber().PublishAsync(Channel, s.json), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Hears the changes of others. <paramref name="reconnected"/> is called when messages may have been missed.</summary>
    /// <returns>False when no Redis is configured.</returns>
    public async Task<bool> SubscribeAsync(Action<HealthChange> heard, Action reconnected, CancellationToken cancellationToken)
    {
        if (await redis.GetAsync(cancellationToken).ConfigureAwait(false) is not { } multiplexer)
            return false;
        await _subscription.StartAsync(multiplexer, Hear, cancellationToken).ConfigureAwait(false);
        multiplexer.ConnectionRestored += (_, _) => reconnected();
        return true;

        void Hear(RedisValue json)
        {
            if (CooldownMessage.Parse(json) is { } message && message.Origin != _origin && message.ToChange() is { IsShared: true } change)
                heard(change);
        }
    }

    /// <summary>The cooldowns in force, whoever set them, with what is left of each.</summary>
    public async Task<IReadOnlyList<HealthChange>> LoadAsync(CancellationToken cancellationToken)
    {
        var changes = new List<HealthChange>();
        if (await redis.GetAsync(cancellationToken).ConfigureAwait(false) is not { } multiplexer)
            return changes;
        await foreach (var stored in _index.ReadAsync(multiplexer.GetDatabase(), MaxLoaded, cancellationToken).ConfigureAwait(false))
        {
            if (CooldownMessage.Parse(stored.Value) is { } message && message.ToChange() is { IsShared: true } change)
                changes.Add(change with { For = stored.Expiry });
        }

        return changes;
    }

    /// <summary>With its place in the index, in one go.</summary>
    private static async Task<bool> StoreAsync(IDatabase database, RedisKey key, string json, TimeSpan expiry, ExpiringIndex index)
    {
        await Task.WhenAll(database.StringSetAsync(key, json, expiry), index.AddAsync(database, [key], expiry)).ConfigureAwait(false);
        return true;
    }

    private static async Task<bool> DeleteAsync(IDatabase database, RedisKey key, ExpiringIndex index)
    {
        await Task.WhenAll(database.KeyDeleteAsync(key), index.RemoveAsync(database, key)).ConfigureAwait(false);
        return true;
    }

    private Task<TResult> RunAsync<TState, TResult>(string operation, TState state, Func<TState, Task<TResult>> call, CancellationToken cancellationToken) =>
        RedisSpans.RunAsync(operation, state, call, RedisAccess.CommandTimeout, time, cancellationToken);
}
