using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Router.Core.Keys;
using Router.Tests.Support;
using Router.Worker.Migrations;

namespace Router.Tests.Worker;

/// <summary>What the services' role may do in a real PostgreSQL. What it must do is tried on the whole control plane.</summary>
public sealed class ServiceRoleTests(PostgresFixture postgres)
{
    private readonly string _role = $"router_{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_the_control_plane_and_changes_no_audit_entry_whatever_it_says()
    {
        await using var owner = await postgres.CreateDatabaseAsync(Token);
        await using var services = await SetUpAsync(owner);
        await new WorkspaceStore(owner).CreateAsync("default", "Default", Token);
        await using var host = await ControlPlaneHost.StartAsync(services, Token, seed: false);
        using var admin = host.Client();
        Assert.True((await admin.PostAsync("/api/workspaces", Json("""{"id":"acme"}"""), Token)).IsSuccessStatusCode);
        Assert.True((await admin.PutAsync("/api/workspaces/acme/provider-keys/openai", Json("""{"api_key":"sk-0123456789abcdef"}"""), Token)).IsSuccessStatusCode);
        Assert.True((await admin.PostAsync("/api/workspaces/acme/api-keys", Json("""{"name":"caller"}"""), Token)).IsSuccessStatusCode);
        Assert.True((await admin.PutAsync("/api/workspaces/acme/policy", Json("""{"byok_only":true}"""), Token)).IsSuccessStatusCode);
        Assert.True((await admin.DeleteAsync("/api/workspaces/acme", Token)).IsSuccessStatusCode);
        Assert.Equal(5L, await ScalarAsync(owner, "SELECT count(*) FROM audit_log WHERE workspace_id = 'acme'"));

        Assert.False((bool)(await ScalarAsync(services, "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"))!);
        foreach (var attack in (string[])
        [
            "UPDATE audit_log SET actor = 'nobody'",
            "DELETE FROM audit_log",
            "BEGIN; SET LOCAL router.audit_retention = 'on'; DELETE FROM audit_log; COMMIT",
            "TRUNCATE audit_log",
            "ALTER TABLE audit_log DISABLE TRIGGER ALL",
            "DROP TRIGGER audit_log_append_only ON audit_log",
            "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "DROP TABLE audit_log",
            "SET session_replication_role = replica",
            "DELETE FROM schema_journal",
            "DROP TABLE provider_keys",
        ])
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(services, attack))).SqlState);
        }

        Assert.Equal(5L, await ScalarAsync(owner, "SELECT count(*) FROM audit_log WHERE workspace_id = 'acme'"));
    }

    [Fact]
    public async Task A_table_that_is_left_as_its_owners_would_be_found_here_as_every_one_can_be_read_and_a_second_run_changes_nothing()
    {
        await using var owner = await postgres.CreateDatabaseAsync(Token);
        await using var services = await SetUpAsync(owner);
        await using var again = await SetUpAsync(owner);
        await using var command = owner.CreateCommand("SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition");
        await using var reader = await command.ExecuteReaderAsync(Token);
        var tables = new List<string>();
        while (await reader.ReadAsync(Token))
            tables.Add(reader.GetString(0));
        Assert.True(tables.Count >= 10, $"Only {tables.Count} tables were found.");
        foreach (var table in tables)
            Assert.NotNull(await ScalarAsync(services, $"SELECT count(*) FROM \"{table}\""));
    }

    [Fact]
    public async Task A_role_that_could_change_the_log_is_refused()
    {
        await using var owner = await postgres.CreateDatabaseAsync(Token);
        await ScalarAsync(owner, $"CREATE ROLE {_role} LOGIN SUPERUSER");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SetUpAsync(owner));
        Assert.Contains("can change the audit log", refused.Message, StringComparison.Ordinal);
        await ScalarAsync(owner, $"DROP ROLE {_role}");
    }

    [Fact]
    public async Task An_owner_that_is_no_superuser_and_may_make_no_roles_grants_to_one_that_was_made_by_hand()
    {
        await using var superuser = await postgres.CreateDatabaseAsync(Token);
        var (name, own) = ((string)(await ScalarAsync(superuser, "SELECT current_database()"))!, _role + "_o");
        await ScalarAsync(superuser, $"CREATE ROLE {own} LOGIN");
        await ScalarAsync(superuser, $"CREATE DATABASE {name}_o OWNER {own}");
        var address = new NpgsqlConnectionStringBuilder(superuser.ConnectionString) { Database = name + "_o", Username = own, Pooling = false }.ConnectionString;
        await using (var owner = NpgsqlDataSource.Create(address))
        {
            await SchemaUpgrade.ApplyAsync(owner, NullLogger.Instance, Token);
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SetUpAsync(owner));
            Assert.Contains("CREATE ROLE", refused.Message, StringComparison.Ordinal);
            await ScalarAsync(superuser, $"CREATE ROLE {_role} LOGIN");
            await using var services = await SetUpAsync(owner);
            Assert.Equal(0L, await ScalarAsync(services, "SELECT count(*) FROM audit_log"));
            await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(services, "DELETE FROM audit_log"));
        }

        await ScalarAsync(superuser, $"DROP DATABASE {name}_o WITH (FORCE)");
    }

    [Theory]
    [InlineData("Host=a;Username=postgres", "Host=a;Username=router", true)]
    [InlineData("Host=a;Username=postgres", "Host=a;Username=postgres;Password=x;Username=router", true)]
    [InlineData("Host=a;Username=router", "Host=a;Username=router", false)]
    [InlineData("Host=a;Username=postgres", "Host=a", false)]
    public void Two_strings_of_one_role_are_one(string owner, string services, bool separate) => Assert.Equal(separate, ServiceRole.IsSeparate(owner, services));

    private async Task<NpgsqlDataSource> SetUpAsync(NpgsqlDataSource owner)
    {
        var services = new NpgsqlConnectionStringBuilder(owner.ConnectionString) { Username = _role, Password = "a password's own 'quotes'" }.ConnectionString;
        await new ServiceRole(owner, NullLogger<ServiceRole>.Instance).SetUpAsync(services, Token);
        return NpgsqlDataSource.Create(services);
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token);
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
