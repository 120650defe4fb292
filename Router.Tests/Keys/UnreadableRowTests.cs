using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Tests.Support;

namespace Router.Tests.Keys;

/// <summary>Rows this build cannot read, as a later version in a rolling upgrade or a hand may have written them.</summary>
public sealed class UnreadableRowTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"byok_only":"yes"}""")]
    [InlineData("""{"cross_to_system":[null]}""")]
    [InlineData("""{"limits":{"requests_per_second":1e30}}""")]
    [InlineData("[]")]
    public async Task A_policy_that_cannot_be_read_allows_nothing_and_stops_nobody_else(string policy)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var workspaces = new WorkspaceStore(database);
        await workspaces.CreateAsync("broken", "Broken", Token);
        await workspaces.CreateAsync("sound", "Sound", Token);
        await ExecuteAsync(database, $"UPDATE workspaces SET policy = '{policy}' WHERE id = 'broken'");
        using var factory = new LoggerFactory();
        using var logs = new RecordingLogs();
        factory.AddProvider(logs);
        var loader = new SnapshotLoader(database, new KeyCipher(TestKeys.Ring()), TimeProvider.System, factory.CreateLogger<SnapshotLoader>());
        await loader.LoadAsync(Token);
        var snapshot = await loader.LoadAsync(Token);
        Assert.Equal(WorkspacePolicy.Default, snapshot.Workspaces["sound"].Policy);
        var found = snapshot.Workspaces["broken"].Policy;
        Assert.True(found.ByokOnly);
        Assert.Empty(found.CrossToSystem);
        Assert.DoesNotContain(Core.Providers.ProviderTable.All, provider => found.Allows(provider.Slug));
        Assert.Single(logs.Text.Split('\n'), line => line.Contains("broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_router_key_whose_limits_cannot_be_read_is_refused_and_the_others_serve()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        var (broken, sound) = (RouterKeyToken.Generate(), RouterKeyToken.Generate());
        var keys = new RouterKeyStore(database);
        await keys.CreateAsync("one", "broken", RouterKeyPermissions.Inference, broken, Token);
        await keys.CreateAsync("one", "sound", RouterKeyPermissions.Inference, new LimitSettings(3), sound, AuditOrigin.System, Token);
        await ExecuteAsync(database, $$"""UPDATE router_keys SET limits = '{"requests_per_second":"few"}' WHERE id = '{{broken.Id}}'""");
        var cache = new SnapshotCache();
        using var refresher = TestKeys.Refresher(cache, database, TestKeys.Ring(), TimeProvider.System);
        await refresher.RefreshAsync(Token);
        Assert.Equal(3, Assert.Single(cache.Current.RouterKeys.Values).Limits.RequestsPerSecond);
        Assert.Equal(2, (await keys.ListAsync("one", Token)).Count);
    }

    [Fact]
    public async Task The_administrator_sees_and_replaces_a_policy_that_cannot_be_read()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        await ExecuteAsync(database, "UPDATE workspaces SET policy = '[]'");
        using var client = host.Client();
        Assert.Contains("\"byok_only\":true", await client.GetStringAsync("/api/workspaces/default/policy", Token), StringComparison.Ordinal);
        using var response = await client.PutAsync("/api/workspaces/default/policy", new StringContent("{}", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(WorkspacePolicyDocument.From(WorkspacePolicy.Default).ToJson(), WorkspacePolicyDocument.From(host.Snapshot.Workspaces["default"].Policy).ToJson());
    }

    [Fact]
    public async Task A_write_that_stands_is_answered_so_whatever_keeps_it_from_being_in_force_here()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        await ExecuteAsync(database, "DELETE FROM state_version");
        using var client = host.Client();
        using var response = await client.PostAsync("/api/workspaces", new StringContent("""{"id":"next"}""", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Contains("not yet in force", host.Logs.Text, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        Assert.True(await command.ExecuteNonQueryAsync(Token) > 0);
    }
}
