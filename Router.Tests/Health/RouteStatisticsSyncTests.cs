using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Router.Core.Health;
using Router.Core.Limits;
using Router.Tests.Support;
using StackExchange.Redis;

namespace Router.Tests.Health;

public sealed class RouteStatisticsSyncTests : IDisposable
{
    private const string Route = "openai/gpt-4o";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly TestGarnet _garnet = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_replica_measures_another_knows_and_so_does_one_that_starts_later()
    {
        await using var first = await ReplicaAsync(_garnet.Port);
        await using var second = await ReplicaAsync(_garnet.Port);
        await SpreadAsync(first, second, Route);
        await using var third = await ReplicaAsync(_garnet.Port);
        await Eventually.HoldsAsync(() => third.Statistics.Find(Route).Latency is { } latency && Math.Abs(latency.TotalSeconds - 2) < 1e-6, Soon, Token);
    }

    [Fact]
    public async Task Sharing_resumes_after_redis_was_gone_with_what_was_measured_meanwhile()
    {
        await using var first = await ReplicaAsync(_garnet.Port);
        await using var second = await ReplicaAsync(_garnet.Port);
        await SpreadAsync(first, second, Route);
        _garnet.Stop();
        first.Statistics.Record("openai/meanwhile", Sample);
        Assert.NotNull(first.Statistics.Find("openai/meanwhile").Latency);
        _garnet.Start();
        await Eventually.HoldsAsync(() => second.Statistics.Find("openai/meanwhile").Latency is not null, Soon, Token);
    }

    [Fact]
    public async Task What_was_subscribed_in_several_tries_is_heard_once()
    {
        _garnet.Stop();
        await using var services = TestGarnet.Connect(_garnet.Port);
        await using var others = TestGarnet.Connect(_garnet.Port);
        var (store, other) = (StoreOf(services), StoreOf(others));
        var heard = 0;
        for (var tries = 0; tries < 3; tries++)
            Assert.NotNull(await Record.ExceptionAsync(SubscribeAsync));
        _garnet.Start();
        await DoneAsync(SubscribeAsync);
        await DoneAsync(() => other.ShareAsync([new("openai/x", RouteSample.Failure, RouteSample.Failure)], Token));
        // The second is a mark: what came before it has been heard.
        await Eventually.HoldsAsync(() => Volatile.Read(ref heard) > 0, Soon, Token);
        await other.ShareAsync([new("mark", RouteSample.Failure, RouteSample.Failure)], Token);
        await Eventually.HoldsAsync(() => Volatile.Read(ref heard) >= 1_000, Soon, Token);
        Assert.Equal(1_001, heard);

        Task SubscribeAsync() => store.SubscribeAsync((route, _) => Interlocked.Add(ref heard, route == "mark" ? 1_000 : 1), () => { }, Token);
    }

    [Fact]
    public async Task A_redis_that_accepts_and_never_answers_changes_nothing_here()
    {
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        await using var replica = await ReplicaAsync(((IPEndPoint)hole.LocalEndpoint).Port);
        replica.Statistics.Record(Route, Sample);
        Assert.Equal(2, replica.Statistics.Find(Route).Latency!.Value.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"o":"x"}""")]
    [InlineData("""{"o":"x","r":[null]}""")]
    [InlineData("""{"o":"x","r":[{"n":1}]}""")]
    [InlineData("""{"o":"x","r":[{"m":"openai/gpt-4o","n":-1,"f":0,"s":1,"l":1,"t":1,"d":1}]}""")]
    [InlineData("""{"o":"x","r":[{"m":"openai/gpt-4o","n":1,"f":2,"s":1,"l":1,"t":1,"d":1}]}""")]
    [InlineData("""{"o":"x","r":[{"m":"openai/gpt-4o","n":"many"}]}""")]
    public async Task What_is_no_measurement_changes_nothing(string message)
    {
        await using var first = await ReplicaAsync(_garnet.Port);
        await using var second = await ReplicaAsync(_garnet.Port);
        var redis = first.Services.GetRequiredService<IConnectionMultiplexer>();
        await redis.GetDatabase().StringSetAsync(RouteStatisticsStore.Key(Route), message, TimeSpan.FromMinutes(1));
        await redis.GetDatabase().SortedSetAddAsync(RouteStatisticsStore.Index, RouteStatisticsStore.Key(Route), DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds());
        await redis.GetSubscriber().PublishAsync(RouteStatisticsStore.Channel, message);
        await SpreadAsync(first, second, "openai/other");
        Assert.Equal(RouteMeasurement.None, second.Statistics.Find(Route));
        await using var third = await ReplicaAsync(_garnet.Port);
        await Eventually.HoldsAsync(() => third.Statistics.Find("openai/other").Latency is not null, Soon, Token);
        Assert.Equal(RouteMeasurement.None, third.Statistics.Find(Route));
    }

    public void Dispose() => _garnet.Dispose();

    private static RouteSample Sample { get; } = RouteSample.Success(TimeSpan.FromSeconds(2), 10, TimeSpan.FromSeconds(5));

    /// <summary>Until the subscription stands, a message may pass by; repeating the attempt is what traffic does.</summary>
    private static Task SpreadAsync(Replica from, Replica to, string route) => Eventually.HoldsAsync(
        () =>
        {
            from.Statistics.Record(route, Sample);
            return to.Statistics.Find(route).Latency is not null;
        },
        Soon,
        Token);

    /// <summary>Again until it goes well.</summary>
    private static async Task DoneAsync(Func<Task> action)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await Record.ExceptionAsync(action) is { } exception)
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Soon, exception.Message);
    }

    private static RouteStatisticsStore StoreOf(ServiceProvider services) => new(services.GetRequiredService<RedisAccess>(), Configured, TimeProvider.System);

    private static IOptions<RouteStatisticsOptions> Configured { get; } = Options.Create(new RouteStatisticsOptions { ShareInterval = TimeSpan.FromMilliseconds(100) });

    private static async Task<Replica> ReplicaAsync(int port)
    {
        var services = TestGarnet.Connect(port);
        var statistics = new RouteStatistics(TimeProvider.System, Configured);
        var sync = new RouteStatisticsSync(statistics, StoreOf(services), Configured, TimeProvider.System, NullLogger<RouteStatisticsSync>.Instance);
        await sync.StartAsync(Token);
        return new(services, statistics, sync);
    }

    private sealed record Replica(ServiceProvider Services, RouteStatistics Statistics, RouteStatisticsSync Sync) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Sync.StopAsync(CancellationToken.None);
            Sync.Dispose();
            await Services.DisposeAsync();
        }
    }
}
