using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Limits;
using Router.Tests.Support;
using StackExchange.Redis;

namespace Router.Tests.Health;

public sealed class ExpiringIndexTests : IDisposable
{
    private readonly TestGarnet _garnet = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_stored_is_found_without_walking_through_all_that_redis_holds()
    {
        await using var services = TestGarnet.Connect(_garnet.Port, ",$SCAN=,$KEYS=");
        var store = services.GetRequiredService<CooldownStore>();
        // More than are asked for at once.
        for (var i = 0; i < 250; i++)
        {
            await ShareAsync(store, Change($"m{i}", TimeSpan.FromMinutes(5)));
        }

        await ShareAsync(store, Change("m7", null));
        var found = await store.LoadAsync(Token);
        Assert.Equal(249, found.Select(change => change.Model).Distinct().Count());
        Assert.DoesNotContain(found, change => change.Model == "m7");
        Assert.All(found, change => Assert.InRange(change.For!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task What_ended_leaves_the_index()
    {
        await using var services = TestGarnet.Connect(_garnet.Port);
        var database = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var index = new ExpiringIndex("index", time);
        await database.StringSetAsync("old", "1");
        await database.StringSetAsync("new", "2");
        await index.AddAsync(database, ["old"], TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromHours(2));
        await index.AddAsync(database, ["new"], TimeSpan.FromMinutes(1));
        Assert.Equal(1, await database.SortedSetLengthAsync("index"));
        var values = new List<string?>();
        await foreach (var stored in index.ReadAsync(database, 10, Token))
            values.Add(stored.Value);
        Assert.Equal(["2"], values);
    }

    /// <summary>A machine that starts other things meanwhile may answer later than a request would wait for.</summary>
    private static async Task ShareAsync(CooldownStore store, HealthChange change)
    {
        for (int tried = 1; ; tried++)
        {
            try
            {
                await store.ShareAsync(change, Token);
                return;
            }
            catch (TimeoutException) when (tried < 10)
            {
                // It is done once more, which comes to the same.
            }
        }
    }

    private static HealthChange Change(string model, TimeSpan? time) => new("system:openai:0123", model, time is null ? FailureClass.Unknown : FailureClass.RateLimit, time);

    public void Dispose() => _garnet.Dispose();
}
