#if !USE_ASPIRE
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

    private static async Task<Replica> ReplicaAsync(int port)
    {
        var services = TestGarnet.Connect(port);
        var options = Options.Create(new RouteStatisticsOptions { ShareInterval = TimeSpan.FromMilliseconds(100) });
        var statistics = new RouteStatistics(TimeProvider.System, options);
        var store = new RouteStatisticsStore(services.GetRequiredService<RedisAccess>(), options, TimeProvider.System);
        var sync = new RouteStatisticsSync(statistics, store, options, TimeProvider.System, NullLogger<RouteStatisticsSync>.Instance);
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
#endif
