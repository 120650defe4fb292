using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Tests.Support;
using StackExchange.Redis;

namespace Router.Tests.Limits;

/// <summary>Limiters for the tests.</summary>
internal static class Replicas
{
    /// <summary>For tests that count: so patient that a loaded machine is never taken for a Redis that is gone.</summary>
    public static LimitTimings Patient { get; } = LimitTimings.Default with { Wait = TimeSpan.FromSeconds(30) };

    /// <summary>Windows so long that a test runs within one.</summary>
    public static LimitRule Long(long amount) => new(amount, TimeSpan.FromDays(365));

    public static RateLimiter Limiter(ILimitCounter counter, TimeProvider time, LimitOptions? options = null, LimitTimings? timings = null) =>
        new(counter, options ?? new(), timings ?? LimitTimings.Default, time, new Random(1));

    public static Workspace Workspace(long? requests = null, long? tokens = null) => new(
        "w", "W", WorkspacePolicy.Default with { Limits = new(requests, tokens) }, FrozenDictionary<string, ProviderKey>.Empty);

    public static RouterKey Key(long? requests = null, long? tokens = null, string id = "k") =>
        new(id, "w", "test", [], RouterKeyPermissions.Inference) { Limits = new(requests, tokens) };
}

/// <summary>One replica: a connection, a pulse and one counter of its own.</summary>
internal sealed class Replica(ServiceProvider services, string key, LimitTimings timings) : IAsyncDisposable
{
    public RedisPulse Pulse { get; } = new(timings, TimeProvider.System, new Random(1));

    public RequestBucket Requests => field ??= new(key, Counter, Pulse, timings, TimeProvider.System);

    public ILimitCounter Counter => field ??= new RedisLimitCounter(services.GetRequiredService<RedisAccess>(), TimeProvider.System);

    public static async Task<Replica> ConnectAsync(int port, string key, LimitTimings timings)
    {
        var services = TestGarnet.Connect(port);
        await Eventually.HoldsAsync(() => services.GetRequiredService<IConnectionMultiplexer>().IsConnected, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return new(services, key, timings);
    }

    /// <summary>A whole limiter on this replica's connection.</summary>
    public RateLimiter Limiter() => new(Counter, new(), timings, TimeProvider.System, new Random(1));

    public ValueTask DisposeAsync() => services.DisposeAsync();
}

/// <summary>By themselves: a server that answers late because other tests run is a server that is slow.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LimitServersCollection
{
    public const string Name = "limit servers";
}
