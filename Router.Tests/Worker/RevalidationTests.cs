using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Telemetry;
using Router.Tests.Support;
using Router.Worker.Revalidation;

namespace Router.Tests.Worker;

public sealed class RevalidationTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_workers_check_each_of_fifty_due_keys_exactly_once()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        await SaveAsync(database, ring, 50);
        var checker = new FakeKeyChecker(KeyCheckOutcome.Valid);
        using var one = Service(database, ring, checker);
        using var other = Service(database, ring, checker);
        await Task.WhenAll(DrainAsync(one), DrainAsync(other));
        Assert.Equal(50, checker.Checked.Count);
        Assert.Equal(50, checker.Checked.Distinct().Count());
    }

    [Fact]
    public async Task The_claim_of_a_killed_worker_runs_out()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await SaveAsync(database, TestKeys.Ring(), 1);
        var checks = new KeyCheckStore(database);
        var lost = Assert.Single(await checks.ClaimDueAsync("killed", 10, TimeSpan.FromMinutes(1), Token));
        Assert.Empty(await checks.ClaimDueAsync("heir", 10, TimeSpan.FromMinutes(1), Token));

        await database.CreateCommand("UPDATE provider_keys SET claimed_until = now() - interval '1 second'").ExecuteNonQueryAsync(Token);
        Assert.Single(await checks.ClaimDueAsync("heir", 10, TimeSpan.FromMinutes(1), Token));
        Assert.False(await checks.RecordAsync(lost, TestKeys.Verdict(CredentialStatus.Invalid), "killed", Token));
    }

    [Fact]
    public async Task A_re_check_asked_for_while_a_check_runs_is_not_settled_by_it()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await SaveAsync(database, TestKeys.Ring(), 1);
        var checks = new KeyCheckStore(database);
        var running = Assert.Single(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token));
        await checks.RequestRecheckAsync(running.Id, running.WorkspaceId, running.Version, TimeSpan.Zero, "00-trace", Token);
        Assert.True(await checks.RecordAsync(running, TestKeys.Verdict(CredentialStatus.Valid), "worker", Token));

        var next = Assert.Single(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token));
        Assert.True(next.RecheckRequested);
        Assert.Equal("00-trace", next.Traceparent);
        Assert.True(await checks.RecordAsync(next, TestKeys.Verdict(CredentialStatus.Valid), "worker", Token));
        Assert.Empty(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token));
    }

    [Fact]
    public async Task A_verdict_on_a_key_replaced_meanwhile_is_void()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        await SaveAsync(database, ring, 1);
        var store = TestKeys.ProviderKeys(database, ring);
        var checker = new FakeKeyChecker((_, _) =>
        {
            store.SaveAsync("w0", "openai", new("sk-replaced"), TestKeys.Verdict(), Token).GetAwaiter().GetResult();
            return new(KeyCheckOutcome.Invalid, "revoked");
        });
        await RunOnceAsync(database, ring, checker);
        Assert.Equal(CredentialStatus.Valid, (await store.FindAsync("w0", "openai", Token))!.Status);
    }

    [Fact]
    public async Task A_vendor_outage_keeps_what_was_known()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        await SaveAsync(database, ring, 1);
        await RunOnceAsync(database, ring, new FakeKeyChecker(KeyCheckOutcome.Unverifiable));
        Assert.Equal(CredentialStatus.Valid, (await TestKeys.ProviderKeys(database, ring).FindAsync("w0", "openai", Token))!.Status);
    }

    [Fact]
    public async Task A_re_check_asked_for_stays_owed_until_the_provider_answers_and_then_every_replica_hears()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        await SaveAsync(database, ring, 1);
        var store = TestKeys.ProviderKeys(database, ring);
        var loader = new SnapshotLoader(database, new KeyCipher(ring), TimeProvider.System, NullLogger<SnapshotLoader>.Instance);
        var key = (await store.FindAsync("w0", "openai", Token))!;
        await new KeyCheckStore(database).RequestRecheckAsync(key.Id, "w0", key.Version, TimeSpan.Zero, null, Token);
        var before = await loader.ReadVersionAsync(Token);

        await RunOnceAsync(database, ring, new FakeKeyChecker(KeyCheckOutcome.Unverifiable));
        Assert.Equal(before, await loader.ReadVersionAsync(Token));
        Assert.Equal(key.CheckedAt, (await store.FindAsync("w0", "openai", Token))!.CheckedAt);

        await database.CreateCommand("UPDATE provider_keys SET next_check_at = now()").ExecuteNonQueryAsync(Token);
        await RunOnceAsync(database, ring, new FakeKeyChecker(KeyCheckOutcome.Valid));
        Assert.Equal(before + 1, await loader.ReadVersionAsync(Token));
        Assert.True((await store.FindAsync("w0", "openai", Token))!.CheckedAt > key.CheckedAt);
    }

    [Fact]
    public async Task A_transition_is_written_and_kept_in_the_history()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        await SaveAsync(database, ring, 1);
        await RunOnceAsync(database, ring, new FakeKeyChecker(KeyCheckOutcome.Invalid));
        Assert.Equal(CredentialStatus.Invalid, (await TestKeys.ProviderKeys(database, ring).FindAsync("w0", "openai", Token))!.Status);
        await using var history = database.CreateCommand("SELECT string_agg(source || ':' || COALESCE(from_status, '') || '>' || to_status, ' ' ORDER BY id) FROM provider_key_history");
        Assert.Equal("save:>valid worker:valid>invalid", await history.ExecuteScalarAsync(Token));
    }

    [Fact]
    public async Task A_key_no_master_key_opens_becomes_undecryptable_and_is_never_sent()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await SaveAsync(database, TestKeys.Ring(), 1);
        var checker = new FakeKeyChecker(KeyCheckOutcome.Valid);
        var ring = TestKeys.Ring(TestKeys.NewMasterKey("k9"));
        await RunOnceAsync(database, ring, checker);
        Assert.Empty(checker.Checked);
        Assert.Equal(CredentialStatus.Undecryptable, (await TestKeys.ProviderKeys(database, ring).FindAsync("w0", "openai", Token))!.Status);
    }

    [Fact]
    public async Task A_re_check_is_a_trace_of_its_own_linked_to_the_request_that_failed()
    {
        const string Request = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        await SaveAsync(database, ring, 1, TimeSpan.FromHours(1));
        var checks = new KeyCheckStore(database);
        var key = (await TestKeys.ProviderKeys(database, ring).FindAsync("w0", "openai", Token))!;
        Assert.Empty(await checks.ClaimDueAsync("early", 10, TimeSpan.FromMinutes(1), Token));
        Assert.Equal(1, await checks.RequestRecheckAsync(key.Id, "w0", key.Version, TimeSpan.Zero, Request, Token));

        Activity? seen = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RouterTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem(KeyTelemetry.Fingerprint), key.Fingerprint))
                    seen = activity;
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var ambient = new Activity("ambient").Start();
        await RunOnceAsync(database, ring, new FakeKeyChecker(KeyCheckOutcome.Invalid));

        Assert.NotNull(seen);
        Assert.Equal((KeyTelemetry.RecheckActivity, default), (seen.OperationName, seen.ParentSpanId));
        Assert.NotEqual(ambient.TraceId, seen.TraceId);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", Assert.Single(seen.Links).Context.TraceId.ToHexString());
        Assert.Equal("w0", seen.GetTagItem(KeyTelemetry.Workspace));
        Assert.Equal("openai", seen.GetTagItem(KeyTelemetry.Provider));
        Assert.Equal("invalid", seen.GetTagItem(KeyTelemetry.CheckOutcome));
        Assert.Equal("valid", seen.GetTagItem(KeyTelemetry.StatusBefore));
        Assert.Equal("invalid", seen.GetTagItem(KeyTelemetry.StatusAfter));
    }

    [Fact]
    public async Task All_keys_are_due_at_once_when_asked_for_and_those_under_check_once_more()
    {
        const string Request = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await SaveAsync(database, TestKeys.Ring(), 3, TimeSpan.FromHours(1));
        var checks = new KeyCheckStore(database);
        await database.CreateCommand("UPDATE provider_keys SET next_check_at = now() WHERE workspace_id = 'w0'").ExecuteNonQueryAsync(Token);
        var running = Assert.Single(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token));
        Assert.Equal("schedule", running.Trigger);

        Assert.Equal(3, await checks.RecheckAllAsync(new(AuditOrigin.Administrator), Request, Token));
        var due = await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token);
        Assert.Equal(["w1", "w2"], due.Select(key => key.WorkspaceId).Order());
        Assert.All(due, key => Assert.Equal((Request, "person"), (key.Traceparent, key.Trigger)));
        Assert.True(await checks.RecordAsync(running, TestKeys.Verdict(CredentialStatus.Valid), "worker", Token));
        Assert.Equal("w0", Assert.Single(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token)).WorkspaceId);
        foreach (var key in due)
            Assert.True(await checks.RecordAsync(key, TestKeys.Verdict(CredentialStatus.Valid), "worker", Token));
        Assert.Empty(await checks.ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token));
        await using var owed = database.CreateCommand("SELECT count(*) FROM provider_keys WHERE recheck_traceparent IS NOT NULL AND workspace_id <> 'w0'");
        Assert.Equal(0L, await owed.ExecuteScalarAsync(Token));
    }

    private static async Task RunOnceAsync(NpgsqlDataSource database, MasterKeyRing ring, IKeyChecker checker)
    {
        using var service = Service(database, ring, checker);
        Assert.Equal(1, await service.RunOnceAsync(Token));
    }

    private static async Task DrainAsync(RevalidationService service)
    {
        while (await service.RunOnceAsync(Token) > 0)
        {
        }
    }

    private static RevalidationService Service(NpgsqlDataSource database, MasterKeyRing ring, IKeyChecker checker) => new(
        new KeyCheckStore(database),
        TestKeys.Rechecker(database, ring, checker),
        Options.Create(new RevalidationOptions()),
        TimeProvider.System,
        NullLogger<RevalidationService>.Instance);

    private static async Task SaveAsync(NpgsqlDataSource database, MasterKeyRing ring, int count, TimeSpan? next = null)
    {
        var (workspaces, store) = (new WorkspaceStore(database), TestKeys.ProviderKeys(database, ring));
        for (var i = 0; i < count; i++)
        {
            await workspaces.CreateAsync($"w{i}", $"W{i}", Token);
            await store.SaveAsync($"w{i}", "openai", new($"sk-key-{i}"), TestKeys.Verdict(next: next ?? TimeSpan.Zero), Token);
        }
    }
}
