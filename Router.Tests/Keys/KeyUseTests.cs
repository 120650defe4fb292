using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Core.Keys;
using Router.Tests.Support;
using Router.Worker.Migrations;

namespace Router.Tests.Keys;

/// <summary>When a stored key was last used: noted in memory, written in batches.</summary>
public sealed class KeyUseTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_use_is_written_never_moves_back_and_is_no_change_of_state()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var (store, key) = await SaveAsync(database);
        var version = await VersionAsync(database);
        var time = new FakeTimeProvider(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
        var (early, late) = (new KeyUses(time), new KeyUses(time));
        early.Note(key.Id);
        time.Advance(TimeSpan.FromMinutes(1));
        late.Note(key.Id);
        late.Note(Guid.NewGuid()); // deleted meanwhile
        await Writer(late, store, time).WriteAsync(Token);
        await Writer(early, store, time).WriteAsync(Token);
        Assert.Equal(time.GetUtcNow(), (await store.FindAsync(key.WorkspaceId, key.Provider, Token))!.LastUsedAt);
        Assert.Equal(version, await VersionAsync(database));
    }

    [Fact]
    public async Task A_lost_database_keeps_them_until_it_is_back()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var (store, key) = await SaveAsync(database);
        var time = new FakeTimeProvider(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
        var uses = new KeyUses(time);
        uses.Note(key.Id);
        await using (var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1"))
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => Writer(uses, TestKeys.ProviderKeys(gone, TestKeys.Ring()), time).WriteAsync(Token));
        await Writer(uses, store, time).WriteAsync(Token);
        Assert.Equal(time.GetUtcNow(), (await store.FindAsync(key.WorkspaceId, key.Provider, Token))!.LastUsedAt);
        Assert.Empty(uses.Take());
    }

    private static KeyUseWriter Writer(KeyUses uses, ProviderKeyStore store, TimeProvider time) => new(uses, store, time, NullLogger<KeyUseWriter>.Instance);

    private static async Task<(ProviderKeyStore Store, ProviderKeyRecord Key)> SaveAsync(NpgsqlDataSource database)
    {
        await new WorkspaceStore(database).CreateAsync(Seed.Workspace, "Default", Token);
        var store = TestKeys.ProviderKeys(database, TestKeys.Ring());
        return (store, (await store.SaveAsync(Seed.Workspace, "openai", new Secret("sk-something-long"), TestKeys.Verdict(), Token))!);
    }

    private static async Task<long> VersionAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT version FROM state_version");
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
