using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Health;

public sealed class HealthSyncTests : IDisposable
{
    private const string Id = "system:openai:0123";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly TestGarnet _garnet = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_replica_sees_holds_on_another_and_on_one_that_starts_later()
    {
        await using var first = await ReplicaAsync(_garnet.Port);
        await using var second = await ReplicaAsync(_garnet.Port);
        // Until the subscription stands, a message may pass by; repeating the failure is what traffic does.
        await SpreadAsync(first, second, "m");
        await using var third = await ReplicaAsync(_garnet.Port);
        await Eventually.HoldsAsync(() => !third.Health.Check(Id, "m").Usable, Soon, Token);
        Assert.True(second.Health.Check(Id, "other").Usable);
        Assert.InRange(third.Health.Check(Id, "m").Until!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task A_success_clears_it_everywhere()
    {
        await using var first = await ReplicaAsync(_garnet.Port);
        await using var second = await ReplicaAsync(_garnet.Port);
        await SpreadAsync(first, second, "m");
        first.Health.ReportSuccess(Id, "m", DateTimeOffset.MaxValue);
        await Eventually.HoldsAsync(() => second.Health.Check(Id, "m").Usable, Soon, Token);
    }

    [Fact]
    public async Task Sharing_resumes_after_redis_was_gone()
    {
        await using var first = await ReplicaAsync(_garnet.Port);
        await using var second = await ReplicaAsync(_garnet.Port);
        await SpreadAsync(first, second, "m");
        _garnet.Stop();
        first.Health.ReportFailure(Id, "n", FailureClass.RateLimit, TimeSpan.FromHours(1), null);
        Assert.False(first.Health.Check(Id, "n").Usable);
        _garnet.Start();
        await SpreadAsync(first, second, "o");
    }

    [Fact]
    public async Task A_redis_that_accepts_and_never_answers_delays_nobody()
    {
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        await using var replica = await ReplicaAsync(((IPEndPoint)hole.LocalEndpoint).Port);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 4_000; i++)
        {
            replica.Health.ReportFailure($"system:openai:{i}", "m", FailureClass.Quota, null, null);
            Assert.False(replica.Health.Check($"system:openai:{i}", "m").Usable);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_slow_command_is_an_error_on_its_span()
    {
        Activity? seen = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RouterTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.OperationName == "STALL")
                    seen = activity;
            },
        };
        ActivitySource.AddActivityListener(listener);
        await Assert.ThrowsAsync<TimeoutException>(() => RedisSpans.RunAsync(
            "STALL", 0, static _ => new TaskCompletionSource<int>().Task, TimeSpan.FromMilliseconds(1), TimeProvider.System, Token));
        Assert.Equal((ActivityKind.Client, ActivityStatusCode.Error), (seen!.Kind, seen.Status));
        Assert.Equal("redis", seen.GetTagItem("db.system.name"));
        Assert.Equal("STALL", seen.GetTagItem("db.operation.name"));
        Assert.Equal("System.TimeoutException", seen.GetTagItem("error.type"));
    }

    public void Dispose() => _garnet.Dispose();

    private static async Task SpreadAsync(Replica from, Replica to, string model)
    {
        var hours = 0;
        var start = Stopwatch.GetTimestamp();
        while (to.Health.Check(Id, model).Usable)
        {
            from.Health.ReportFailure(Id, model, FailureClass.RateLimit, TimeSpan.FromHours(Math.Min(++hours, 23)), null);
            Assert.True(Stopwatch.GetElapsedTime(start) < Soon, "It did not reach the other replica.");
            await Task.Delay(250, Token);
        }
    }

    private static async Task<Replica> ReplicaAsync(int port)
    {
        var services = TestGarnet.Connect(port);
        var outbox = new HealthOutbox();
        var health = new CredentialHealth(new SnapshotCache(), TimeProvider.System, outbox);
        var sync = new HealthSync(health, outbox, services.GetRequiredService<CooldownStore>(), TimeProvider.System, NullLogger<HealthSync>.Instance);
        await sync.StartAsync(Token);
        return new(services, health, sync);
    }

    private sealed record Replica(ServiceProvider Services, CredentialHealth Health, HealthSync Sync) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Sync.StopAsync(CancellationToken.None);
            Sync.Dispose();
            await Services.DisposeAsync();
        }
    }
}
