using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Keys;

public sealed class StoreTests(PostgresFixture postgres)
{
    private static readonly Secret Key = new("sk-test-0123456789abcdef");
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saved_key_can_be_described_and_never_read()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = await StoreAsync(database);
        var saved = await store.SaveAsync("one", "openai", Key, TestKeys.Verdict(), Token);
        Assert.NotNull(saved);
        Assert.Equal((1, "cdef", CredentialStatus.Valid), (saved.Version, saved.LastFour, saved.Status));
        Assert.Equal(saved, await store.FindAsync("one", "openai", Token));
        await using var dump = database.CreateCommand("SELECT string_agg(row_to_json(k)::text || encode(ciphertext, 'escape'), '') FROM provider_keys k");
        Assert.DoesNotContain("sk-test", (string)(await dump.ExecuteScalarAsync(Token))!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_workspace_sees_and_touches_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = await StoreAsync(database);
        await store.SaveAsync("one", "openai", Key, TestKeys.Verdict(), Token);
        Assert.Null(await store.FindAsync("two", "openai", Token));
        Assert.Empty(await store.ListAsync("two", Token));
        Assert.False(await store.DeleteAsync("two", "openai", Token));
        Assert.Null(await store.SaveAsync("nowhere", "openai", Key, TestKeys.Verdict(), Token));
    }

    [Fact]
    public async Task Replacing_keeps_the_id_and_raises_the_version()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = await StoreAsync(database);
        var first = await store.SaveAsync("one", "openai", Key, TestKeys.Verdict(), Token);
        var second = await store.SaveAsync("one", "openai", new("sk-test-new-key-here"), TestKeys.Verdict(), Token);
        Assert.Equal((first!.Id, 2), (second!.Id, second.Version));
    }

    [Fact]
    public async Task Of_keys_saved_at_the_same_time_the_one_whose_save_began_last_is_stored_and_opens()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var ring = TestKeys.Ring();
        var store = await StoreAsync(database, ring);
        var saved = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            var turn = (await store.BeginSaveAsync("one", "openai", Token))!.Value;
            return (Turn: turn, Key: $"sk-concurrent-{i}", Save: await store.SaveAsync("one", "openai", new($"sk-concurrent-{i}"), TestKeys.Verdict(), AuditOrigin.System, turn, null, Token));
        }));
        var kept = saved.Where(one => one.Save.Key is not null).OrderBy(one => one.Turn).ToList();
        // Each gets its own version, in the order in which the saves began; the last to begin is never the one that is left out.
        Assert.Equal(Enumerable.Range(1, kept.Count), kept.Select(one => one.Save.Key!.Version));
        Assert.Equal(saved.Max(one => one.Turn), kept[^1].Turn);
        Assert.All(saved.Except(kept), one => Assert.Equal(KeySaveOutcome.Overtaken, one.Save.Outcome));
        var snapshot = await new SnapshotLoader(database, new KeyCipher(ring), TimeProvider.System, NullLogger<SnapshotLoader>.Instance).LoadAsync(Token);
        Assert.Equal(kept[^1].Key, snapshot.Workspaces["one"].ProviderKeys["openai"].Secret?.Reveal());
    }

    [Fact]
    public async Task A_router_key_works_until_revoked_and_only_in_its_workspace()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await StoreAsync(database);
        var store = new RouterKeyStore(database);
        var token = RouterKeyToken.Generate();
        Assert.NotNull(await store.CreateAsync("one", "ci", RouterKeyPermissions.Inference, token, Token));
        Assert.Null(await store.CreateAsync("nowhere", "ci", RouterKeyPermissions.Inference, RouterKeyToken.Generate(), Token));
        Assert.Contains(token.Id, (await LoadAsync(database)).RouterKeys.Keys);
        Assert.False(await store.RevokeAsync("two", token.Id, Token));
        Assert.True(await store.RevokeAsync("one", token.Id, Token));
        Assert.DoesNotContain(token.Id, (await LoadAsync(database)).RouterKeys.Keys);
    }

    [Fact]
    public async Task Seeding_a_development_key_again_changes_nothing_and_another_replaces_it()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await StoreAsync(database);
        var store = new RouterKeyStore(database);
        var (first, second) = (RouterKeyToken.Generate(), RouterKeyToken.Generate());
        await store.SeedDevelopmentAsync("one", first, Token);
        var version = (await LoadAsync(database)).Version;
        await store.SeedDevelopmentAsync("one", first, Token);
        Assert.Equal(version, (await LoadAsync(database)).Version);
        await store.SeedDevelopmentAsync("one", second, Token);
        var key = Assert.Single(await store.ListAsync("one", Token));
        Assert.Equal((second.Id, RouterKeyPermissions.Inference | RouterKeyPermissions.Manage), (key.Id, key.Permissions));
    }

    [Fact]
    public async Task A_policy_reads_back_and_reaches_the_snapshot()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await StoreAsync(database);
        var store = new WorkspaceStore(database);
        var policy = new WorkspacePolicy(true, [FailureClass.Quota, FailureClass.Transient], ["groq"]);
        Assert.Equal(PolicyOutcome.Saved, await store.ChangePolicyAsync("one", _ => policy, AuditOrigin.System, Token));
        var read = (await LoadAsync(database)).Workspaces["one"].Policy;
        Assert.True(read.ByokOnly);
        Assert.True(read.CrossToSystem.SetEquals(policy.CrossToSystem));
        Assert.True(read.AllowedProviders.SetEquals(policy.AllowedProviders));
        Assert.Equal(WorkspacePolicy.Default, (await LoadAsync(database)).Workspaces["two"].Policy);
    }

    [Fact]
    public async Task Deleting_a_workspace_takes_its_keys_along_in_one_version()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = await StoreAsync(database);
        await store.SaveAsync("one", "openai", Key, TestKeys.Verdict(), Token);
        await store.SaveAsync("one", "groq", Key, TestKeys.Verdict(), Token);
        var before = (await LoadAsync(database)).Version;
        Assert.True(await new WorkspaceStore(database).DeleteAsync("one", Token));
        var after = await LoadAsync(database);
        Assert.DoesNotContain("one", after.Workspaces.Keys);
        Assert.Equal(before + 1, after.Version);
    }

    [Fact]
    public async Task Rotation_moves_every_key_and_two_workers_share_the_work()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var (old, young) = (TestKeys.NewMasterKey("k1"), TestKeys.NewMasterKey("k2"));
        var store = await StoreAsync(database, TestKeys.Ring(old));
        foreach (var provider in new[] { "openai", "groq", "xai", "mistral" })
            await store.SaveAsync("one", provider, Key, TestKeys.Verdict(), Token);
        var rewrap = new RewrapStore(database, new KeyCipher(TestKeys.Ring(young, old)));
        await Task.WhenAll(rewrap.RewrapAsync(Guid.Empty, 100, Token), rewrap.RewrapAsync(Guid.Empty, 100, Token));
        await rewrap.RewrapAsync(Guid.Empty, 100, Token);
        var snapshot = await new SnapshotLoader(database, new KeyCipher(TestKeys.Ring(young)), TimeProvider.System, NullLogger<SnapshotLoader>.Instance).LoadAsync(Token);
        Assert.All(snapshot.Workspaces["one"].ProviderKeys.Values, key => Assert.Equal(Key, key.Secret));
    }

    [Fact]
    public async Task A_key_without_its_master_key_is_shown_as_undecryptable()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await (await StoreAsync(database)).SaveAsync("one", "openai", Key, TestKeys.Verdict(), Token);
        var key = (await LoadAsync(database)).Workspaces["one"].ProviderKeys["openai"];
        Assert.Null(key.Secret);
        Assert.Equal(CredentialStatus.Undecryptable, key.Status);
    }

    private static Task<Snapshot> LoadAsync(NpgsqlDataSource database) =>
        new SnapshotLoader(database, new KeyCipher(TestKeys.Ring()), TimeProvider.System, NullLogger<SnapshotLoader>.Instance).LoadAsync(Token);

    private static async Task<ProviderKeyStore> StoreAsync(NpgsqlDataSource database, MasterKeyRing? ring = null)
    {
        var workspaces = new WorkspaceStore(database);
        await workspaces.CreateAsync("one", "One", Token);
        await workspaces.CreateAsync("two", "Two", Token);
        return TestKeys.ProviderKeys(database, ring ?? TestKeys.Ring());
    }
}
