using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Keys;

public sealed class SnapshotTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_written_elsewhere_is_in_force_within_two_seconds_by_polling_alone()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var cache = new SnapshotCache();
        using var refresher = TestKeys.Refresher(cache, database, TestKeys.Ring(), TimeProvider.System);
        await refresher.StartAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        await Eventually.HoldsAsync(() => cache.Current.Workspaces.ContainsKey("one"), TimeSpan.FromSeconds(2), Token);
        await refresher.StopAsync(Token);
    }

    [Fact]
    public async Task A_notification_brings_a_change_without_waiting_for_the_poll()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var cache = new SnapshotCache();
        // A clock that stands still never polls.
        using var refresher = TestKeys.Refresher(cache, database, TestKeys.Ring(), new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        using var listener = new StateListener(database, refresher, TimeProvider.System, NullLogger<StateListener>.Instance);
        await refresher.StartAsync(Token);
        await listener.StartAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        await Eventually.HoldsAsync(() => cache.Current.Workspaces.ContainsKey("one"), TimeSpan.FromSeconds(5), Token);
        await listener.StopAsync(Token);
        await refresher.StopAsync(Token);
    }

    [Fact]
    public async Task Listening_resumes_after_its_connection_was_cut()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var cache = new SnapshotCache();
        using var refresher = TestKeys.Refresher(cache, database, TestKeys.Ring(), new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        using var listener = new StateListener(database, refresher, TimeProvider.System, NullLogger<StateListener>.Instance);
        await refresher.StartAsync(Token);
        await listener.StartAsync(Token);
        await Eventually.HoldsAsync(() => cache.IsLoaded, TimeSpan.FromSeconds(5), Token);
        await database.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()").ExecuteNonQueryAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        await Eventually.HoldsAsync(() => cache.Current.Workspaces.ContainsKey("one"), TimeSpan.FromSeconds(5), Token);
        await listener.StopAsync(Token);
        await refresher.StopAsync(Token);
    }

    [Fact]
    public async Task With_postgres_gone_the_last_snapshot_stays_in_force()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        var cache = new SnapshotCache();
        using var refresher = TestKeys.Refresher(cache, database, TestKeys.Ring(), TimeProvider.System);
        await refresher.RefreshAsync(Token);
        var before = cache.Current;

        await using var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1;Username=nobody;Database=nowhere");
        using var cutOff = TestKeys.Refresher(cache, gone, TestKeys.Ring(), TimeProvider.System);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => cutOff.RefreshAsync(Token));
        Assert.Same(before, cache.Current);
        Assert.True(cache.IsLoaded);
    }

    [Fact]
    public async Task A_postgres_that_accepts_and_never_answers_fails_the_load_in_bounded_time()
    {
        using var hole = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        hole.Start();
        await using var stalled = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={((System.Net.IPEndPoint)hole.LocalEndpoint).Port};Username=u;Database=d");
        var options = Microsoft.Extensions.Options.Options.Create(new SnapshotOptions { LoadTimeout = TimeSpan.FromMilliseconds(200) });
        var loader = new SnapshotLoader(stalled, new KeyCipher(TestKeys.Ring()), TimeProvider.System, NullLogger<SnapshotLoader>.Instance);
        var cache = new SnapshotCache();
        using var refresher = new SnapshotRefresher(cache, new SnapshotMetrics(cache, TimeProvider.System), loader, options, TimeProvider.System, NullLogger<SnapshotRefresher>.Instance);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refresher.RefreshAsync(Token).WaitAsync(TimeSpan.FromSeconds(3), Token));
    }

    [Fact]
    public async Task A_replica_is_not_ready_before_its_first_load()
    {
        var cache = new SnapshotCache();
        var check = new SnapshotHealthCheck(cache);
        Assert.Equal(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy, (await check.CheckHealthAsync(new(), Token)).Status);
        cache.Swap(Snapshot.Empty with { Version = 0 });
        Assert.Equal(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy, (await check.CheckHealthAsync(new(), Token)).Status);
    }

    [Fact]
    public async Task Claims_and_uneventful_checks_leave_the_version_alone_and_transitions_move_it()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        await TestKeys.ProviderKeys(database, ring).SaveAsync("one", "openai", new("sk-test"), TestKeys.Verdict(next: TimeSpan.Zero), Token);
        var loader = new SnapshotLoader(database, new KeyCipher(ring), TimeProvider.System, NullLogger<SnapshotLoader>.Instance);
        var checks = new KeyCheckStore(database);
        var before = await loader.ReadVersionAsync(Token);

        var key = Assert.Single(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token));
        Assert.True(await checks.RecordAsync(key, TestKeys.Verdict(next: TimeSpan.Zero), "worker", Token));
        Assert.Equal(before, await loader.ReadVersionAsync(Token));

        key = Assert.Single(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token));
        Assert.True(await checks.RecordAsync(key, TestKeys.Verdict(CredentialStatus.Invalid), "worker", Token));
        Assert.Equal(before + 1, await loader.ReadVersionAsync(Token));
    }
}
