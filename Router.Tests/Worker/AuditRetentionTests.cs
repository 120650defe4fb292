using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Core.Keys;
using Router.Tests.Support;
using Router.Worker.Housekeeping;

namespace Router.Tests.Worker;

public sealed class AuditRetentionTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_go_once_they_are_older_than_the_retention_and_never_otherwise()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var audit = new AuditStore(database, NullLogger<AuditStore>.Instance);
        for (var i = 0; i < 5; i++)
            await audit.RefusedAsync(AuditOrigin.System, "default", AuditActions.SaveProviderKey, "openai", "provider_key_invalid");
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var service = new AuditRetentionService(
            audit, new ConfigurationBuilder().AddInMemoryCollection([new("Router:Audit:Retention", "30.00:00:00")]).Build(), time, NullLogger<AuditRetentionService>.Instance);
        time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, await service.RunOnceAsync(Token));
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(database, "DELETE FROM audit_log"));
        time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(5, await service.RunOnceAsync(Token));
        Assert.Empty(await audit.ListAsync("default", null, null, 10, Token));

        // Retention lets rows go; it lets nobody change one.
        await audit.RefusedAsync(AuditOrigin.System, "default", AuditActions.SaveProviderKey, "openai", "provider_key_invalid");
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(database, "BEGIN; SET LOCAL router.audit_retention = 'on'; UPDATE audit_log SET actor = 'nobody'; COMMIT"));
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
