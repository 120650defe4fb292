using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Router.Core.Keys;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Keys;

public sealed class PropagationMetricTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task How_long_a_change_took_to_reach_a_replica_is_a_metric()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        var seen = new ConcurrentQueue<(double Seconds, string Via)>();
        // Made before it is listened for: while a class is being set up its instruments are published, and not yet to be had from it.
        var propagation = KeyTelemetry.Propagation;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument, propagation))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => seen.Enqueue((value, (string)tags[0].Value!)));
        listener.Start();

        // Another replica's write: this one hears of it from Postgres, or finds it.
        var before = host.Snapshot.Version;
        await new WorkspaceStore(database).CreateAsync("elsewhere", "Elsewhere", Token);
        await Eventually.HoldsAsync(() => host.Snapshot.Workspaces.ContainsKey("elsewhere"), TimeSpan.FromSeconds(2), Token);
        await Eventually.HoldsAsync(() => !seen.IsEmpty, TimeSpan.FromSeconds(2), Token);
        Assert.True(host.Snapshot.Version > before);
        // Other tests' hosts measure too, in this process.
        Assert.Contains(seen, one => one.Via is "postgres" or "poll");
        Assert.All(seen, one => Assert.InRange(one.Seconds, 0, 30));

        // Its own write is in force when it is answered.
        using var client = host.Client();
        using var own = await client.PutAsync("/api/workspaces/elsewhere/policy", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), Token);
        Assert.True(own.IsSuccessStatusCode);
        Assert.False(host.Snapshot.Workspaces["elsewhere"].Policy.ByokOnly);
        Assert.True(seen.Count >= 2);
    }
}
