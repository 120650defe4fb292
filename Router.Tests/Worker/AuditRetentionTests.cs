using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
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
        await WriteAsync(database, days: 31, 5);
        await WriteAsync(database, days: 29, 2);
        using var service = Service(audit, NullLogger<AuditRetentionService>.Instance);
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(database, "DELETE FROM audit_log"));
        Assert.Equal(5, await service.RunOnceAsync(Token));
        Assert.Equal(2, (await audit.ListAsync("default", null, null, 10, Token)).Count);

        // Retention lets rows go; it lets nobody change one.
        await audit.RefusedAsync(AuditOrigin.System, "default", AuditActions.SaveProviderKey, "openai", "provider_key_invalid");
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(database, "BEGIN; SET LOCAL router.audit_retention = 'on'; UPDATE audit_log SET actor = 'nobody'; COMMIT"));
    }

    /// <summary>A worker whose clock is 450 days off deleted the whole log.</summary>
    [Fact]
    public async Task The_clock_is_the_databases_and_where_all_would_go_none_does()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var audit = new AuditStore(database, NullLogger<AuditStore>.Instance);
        await WriteAsync(database, days: 0, 3);
        var logs = new RecordingLogs();
        using var logging = LoggerFactory.Create(builder => builder.AddProvider(logs));
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(450));
        using (var skewed = Service(audit, logging.CreateLogger<AuditRetentionService>(), time))
            Assert.Equal(0, await skewed.RunOnceAsync(Token));
        Assert.Equal("", logs.Text);

        await using var other = await postgres.CreateDatabaseAsync(Token);
        await WriteAsync(other, days: 450, 3);
        using var service = Service(new AuditStore(other, NullLogger<AuditStore>.Instance), logging.CreateLogger<AuditRetentionService>());
        Assert.Equal(0, await service.RunOnceAsync(Token));
        Assert.Contains("none is deleted", logs.Text, StringComparison.Ordinal);
    }

    private static AuditRetentionService Service(AuditStore audit, ILogger<AuditRetentionService> logger, TimeProvider? time = null) => new(
        audit, new ConfigurationBuilder().AddInMemoryCollection([new("Router:Audit:Retention", "30.00:00:00")]).Build(), time ?? TimeProvider.System, logger);

    private static Task WriteAsync(NpgsqlDataSource database, int days, int entries) => ExecuteAsync(
        database,
        $"INSERT INTO audit_log (at, workspace_id, actor, action, target, outcome) SELECT now() - interval '{days} days', 'default', 'system', 'provider_key.save', 'openai', 'ok' FROM generate_series(1, {entries})");

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
