using Router.Core.Limits;
using Router.Tests.Support;

namespace Router.Tests.Limits;

/// <summary>The script on a real server: the same answers from Garnet and from Redis.</summary>
public abstract class SharedCounterTests : IAsyncLifetime
{
    private static readonly string Key = RedisLimitCounter.Key("w", "workspace", "w", "requests");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal abstract int Port { get; }

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task It_grants_what_is_needed_to_the_last_and_ahead_a_quarter_of_what_is_left()
    {
        await using var replica = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = Replicas.Long(100);
        Assert.Equal((25, 25), await ExchangeAsync(replica, new(rule, 0, 1000, 0, 0, 0)));
        Assert.Equal((10, 35), await ExchangeAsync(replica, new(rule, 0, 10, 0, 0, 0)));
        Assert.Equal((60, 95), await ExchangeAsync(replica, new(rule, 60, 60, 0, 0, 0)));
        Assert.Equal((1, 96), await ExchangeAsync(replica, new(rule, 0, 10, 0, 0, 0)));
        Assert.Equal((4, 100), await ExchangeAsync(replica, new(rule, 10, 10, 0, 0, 0)));
        Assert.Equal((0, 100), await ExchangeAsync(replica, new(rule, 1, 1, 0, 0, 0)));
    }

    [Fact]
    public async Task What_is_charged_counts_once_however_often_it_is_told_and_in_its_own_window_only()
    {
        await using var replica = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = Replicas.Long(100);
        var window = (await replica.Counter.ExchangeAsync(Key, new(rule, 90, 90, 0, 0, 0))).Window;
        Assert.Equal((0, 140), await ExchangeAsync(replica, Charge(50, "a")));
        Assert.Equal((0, 140), await ExchangeAsync(replica, Charge(50, "a")));
        Assert.Equal((0, 150), await ExchangeAsync(replica, Charge(60, "a")));
        Assert.Equal((0, 150), await ExchangeAsync(replica, Charge(50, "a")));
        Assert.Equal((0, 157), await ExchangeAsync(replica, Charge(7, "b")));
        Assert.Equal((0, 157), await ExchangeAsync(replica, Charge(70, "a") with { ChargedIn = window - 1 }));
        Assert.Equal((0, 157), await ExchangeAsync(replica, Charge(70, "a") with { ChargedIn = window + 1 }));

        CounterDraw Charge(long tokens, string origin) => new(rule, 0, 0, tokens, 0, 0, ChargedIn: window, Origin: origin);
    }

    [Fact]
    public async Task Charges_of_a_window_that_is_over_leave_nothing_behind()
    {
        await using var replica = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = new LimitRule(5, TimeSpan.FromMilliseconds(300));
        long window = (await replica.Counter.ExchangeAsync(Key, new(rule, 0, 0, 0, 0, 0))).Window;
        CounterReply next = default;
        await Eventually.HoldsAsync(
            () =>
            {
                next = replica.Counter.ExchangeAsync(Key, new(rule, 0, 0, 3, 0, 0, ChargedIn: window, Origin: "a")).GetAwaiter().GetResult();
                Assert.Equal(next.Window == window ? 3 : 0, next.Used);
                return next.Window > window;
            },
            TimeSpan.FromSeconds(5),
            Token);
        next = await replica.Counter.ExchangeAsync(Key, new(rule, 0, 0, 2, 0, 0, ChargedIn: next.Window, Origin: "a"));
        Assert.InRange(next.Used, 0, 2);
    }

    [Fact]
    public async Task What_is_given_back_can_be_drawn_again_in_its_window_only()
    {
        await using var replica = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = Replicas.Long(10);
        var first = await replica.Counter.ExchangeAsync(Key, new(rule, 10, 10, 0, 0, 0));
        Assert.Equal(10, first.Granted);
        Assert.Equal((0, 10), await ExchangeAsync(replica, new(rule, 1, 1, 0, 5, first.Window - 1)));
        Assert.Equal((1, 6), await ExchangeAsync(replica, new(rule, 1, 1, 0, 5, first.Window)));
        Assert.Equal((0, 0), await ExchangeAsync(replica, new(rule, 0, 0, 0, 5000, first.Window)));
    }

    [Fact]
    public async Task A_window_that_ends_makes_room_for_the_next_and_leaves_nothing_behind()
    {
        await using var replica = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = new LimitRule(5, TimeSpan.FromMilliseconds(300));
        var first = await replica.Counter.ExchangeAsync(Key, new(rule, 9, 9, 0, 0, 0));
        Assert.Equal(5, first.Granted);
        Assert.InRange(first.EndsIn, TimeSpan.FromMilliseconds(1), rule.Window);
        CounterReply next = first;
        await Eventually.HoldsAsync(
            () => (next = replica.Counter.ExchangeAsync(Key, new(rule, 9, 9, 0, 0, 0)).GetAwaiter().GetResult()).Window > first.Window, TimeSpan.FromSeconds(5), Token);
        Assert.Equal((5, 5, first.Window + 1), (next.Granted, next.Used, next.Window));
    }

    [Fact]
    public async Task What_is_drawn_of_the_next_window_is_used_of_it_and_not_of_the_one_that_runs()
    {
        await using var replica = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = new LimitRule(100, TimeSpan.FromSeconds(1));
        var first = await replica.Counter.ExchangeAsync(Key, new(rule, 10, 10, 0, 0, 0));
        CounterReply ahead = await replica.Counter.ExchangeAsync(Key, new(rule, 0, 1000, 0, 0, 0, first.Window + 1));
        while (ahead.Window != first.Window + 1 || ahead.BeginsIn == TimeSpan.Zero)
        {
            // The window ended just between the two.
            first = await replica.Counter.ExchangeAsync(Key, new(rule, 10, 10, 0, 0, 0));
            ahead = await replica.Counter.ExchangeAsync(Key, new(rule, 0, 1000, 0, 0, 0, first.Window + 1));
        }

        Assert.Equal((25, 25), (ahead.Granted, ahead.Used));
        Assert.Equal(rule.Window, ahead.EndsIn - ahead.BeginsIn);
        CounterReply next = first;
        await Eventually.HoldsAsync(
            () => (next = replica.Counter.ExchangeAsync(Key, new(rule, 0, 0, 0, 0, 0)).GetAwaiter().GetResult()).Window > first.Window, TimeSpan.FromSeconds(5), Token);
        Assert.Equal((first.Window + 1, 25), (next.Window, next.Used));
        // One that runs already is drawn of as ever.
        CounterReply late = await replica.Counter.ExchangeAsync(Key, new(rule, 80, 80, 0, 0, 0, next.Window));
        Assert.Equal((75, 100, TimeSpan.Zero), (late.Granted, late.Used, late.BeginsIn));
    }

    [Fact]
    public async Task Of_80_000_requests_over_8_connections_and_two_replicas_exactly_1_000_pass()
    {
        await using var one = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        await using var two = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = Replicas.Long(1000);
        var passed = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var (count, bucket) = (0, (worker % 2 == 0 ? one : two).Requests);
            for (var i = 0; i < 10_000; i++)
            {
                var verdict = await bucket.AskAsync(rule, Token);
                Assert.True(verdict.Shared);
                count += verdict.Allowed ? 1 : 0;
            }

            return count;
        })));
        Assert.Equal(1000, passed.Sum());
        Assert.All(passed, count => Assert.InRange(count, 0, 1000));
    }

    [Fact]
    public async Task What_an_idle_replica_holds_comes_within_reach_of_the_one_that_is_used()
    {
        await using var idle = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        await using var busy = await Replica.ConnectAsync(Port, Key, Replicas.Patient);
        var rule = Replicas.Long(200);
        var passed = 0;
        for (var i = 0; i < 20; i++)
            passed += (await idle.Requests.AskAsync(rule, Token)).Allowed ? 1 : 0;
        await Eventually.HoldsAsync(
            () =>
            {
                Assert.True(idle.Requests.Tend());
                while (busy.Requests.AskAsync(rule, Token).AsTask().GetAwaiter().GetResult().Allowed)
                    passed++;
                return passed == 200;
            },
            TimeSpan.FromSeconds(20),
            Token);
        Assert.Equal(0, (await busy.Counter.ExchangeAsync(Key, new(rule, 1, 1, 0, 0, 0))).Granted);
    }

    private static async Task<(long Granted, long Used)> ExchangeAsync(Replica replica, CounterDraw draw)
    {
        var reply = await replica.Counter.ExchangeAsync(Key, draw);
        return (reply.Granted, reply.Used);
    }
}

[Collection(LimitServersCollection.Name)]
public sealed class GarnetCounterTests : SharedCounterTests
{
    private readonly TestGarnet _garnet = new();

    internal override int Port => _garnet.Port;

    public override ValueTask InitializeAsync() => default;

    public override ValueTask DisposeAsync()
    {
        _garnet.Dispose();
        return default;
    }
}

[Collection(LimitServersCollection.Name)]
public sealed class RedisCounterTests : SharedCounterTests
{
    private RedisServer? _redis;

    internal override int Port => _redis!.Port;

    public override async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync(TestContext.Current.CancellationToken);

    public override ValueTask DisposeAsync()
    {
        _redis?.Dispose();
        return default;
    }
}
