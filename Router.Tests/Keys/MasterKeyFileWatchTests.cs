using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Keys;

public sealed class MasterKeyFileWatchTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_open_once_their_master_key_is_back_though_postgres_was_away_when_it_came()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var (old, young) = (TestKeys.NewMasterKey("k1"), TestKeys.NewMasterKey("k2"));
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        await TestKeys.ProviderKeys(database, TestKeys.Ring(old)).SaveAsync("one", "openai", new("sk-test"), TestKeys.Verdict(), Token);

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Line(young), Token);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Router:MasterKeysFile", file), new("Router:MasterKeysFileInterval", "00:00:00.02")]).Build();
        var (ring, cache) = (MasterKeyConfiguration.Load(configuration), new SnapshotCache());
        var options = new SnapshotOptions { LoadTimeout = TimeSpan.FromMilliseconds(300), PollInterval = TimeSpan.FromMilliseconds(50) };
        using var refresher = new SnapshotRefresher(
            cache,
            new SnapshotMetrics(cache, TimeProvider.System),
            new SnapshotLoader(database, new KeyCipher(ring), TimeProvider.System, NullLogger<SnapshotLoader>.Instance),
            Options.Create(options),
            TimeProvider.System,
            NullLogger<SnapshotRefresher>.Instance);
        await using var services = new ServiceCollection().AddSingleton(refresher).BuildServiceProvider();
        using var watch = new MasterKeyFileWatch(ring, configuration, cache, services, TimeProvider.System, NullLogger<MasterKeyFileWatch>.Instance);
        await refresher.StartAsync(Token);
        await Eventually.HoldsAsync(() => cache.IsLoaded, TimeSpan.FromSeconds(30), Token);
        Assert.Equal(CredentialStatus.Undecryptable, Key(cache).Status);
        await watch.StartAsync(Token);

        await using (var holder = await database.OpenConnectionAsync(Token))
        await using (var hold = await holder.BeginTransactionAsync(Token))
        {
            await using var command = new NpgsqlCommand("LOCK TABLE workspaces, provider_keys IN ACCESS EXCLUSIVE MODE", holder, hold);
            await command.ExecuteNonQueryAsync(Token);
            await File.WriteAllTextAsync(file, $"{Line(young)}\n{Line(old)}", Token);
            await Eventually.HoldsAsync(() => ring.Names.Count() == 2, TimeSpan.FromSeconds(30), Token);
            // Until the load that the change brings about has failed.
            await Task.Delay(2 * options.LoadTimeout, Token);
            Assert.Null(Key(cache).Secret);
        }

        await Eventually.HoldsAsync(() => Key(cache).Secret?.Reveal() == "sk-test", TimeSpan.FromSeconds(30), Token);
        await watch.StopAsync(Token);
        await refresher.StopAsync(Token);
        File.Delete(file);
    }

    private static ProviderKey Key(SnapshotCache cache) => cache.Current.Workspaces["one"].ProviderKeys["openai"];

    private static string Line(MasterKey key) => $"{key.Name}:{Convert.ToBase64String(key.Bytes)}";
}
