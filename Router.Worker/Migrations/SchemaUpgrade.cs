using DbUp;
using DbUp.Engine;
using DbUp.Postgresql;
using Npgsql;

namespace Router.Worker.Migrations;

/// <summary>Applies the embedded scripts in name order, each in its transaction, and keeps a journal of them in the schema.</summary>
public static class SchemaUpgrade
{
    /// <summary>Any number, the same in every build: two runs at once take turns.</summary>
    private const long LockId = 0x726F75746572;

    /// <returns>How many scripts were applied.</returns>
    /// <exception cref="InvalidOperationException">A script failed; the ones before it stay applied.</exception>
    public static async Task<int> ApplyAsync(NpgsqlDataSource database, ILogger logger, CancellationToken cancellationToken)
    {
        await using var guard = await database.OpenConnectionAsync(cancellationToken);
        await using var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", guard) { Parameters = { new() { Value = LockId } }, CommandTimeout = 120 };
        await take.ExecuteNonQueryAsync(cancellationToken);
        // On a thread of the pool, whatever thread the line above came back on: DbUp connects synchronously, and where sockets complete inline
        // that may be the thread that polls them, which then waits for itself until the connection's timeout.
        var result = await Task.Run(() => Upgrade(database, logger), cancellationToken);
        await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", guard) { Parameters = { new() { Value = LockId } } };
        await release.ExecuteNonQueryAsync(cancellationToken);
        return result.Successful
            ? result.Scripts.Count()
            : throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed.", result.Error);
    }

    private static DatabaseUpgradeResult Upgrade(NpgsqlDataSource database, ILogger logger) => DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(database))
            .WithScriptsEmbeddedInAssembly(typeof(SchemaUpgrade).Assembly, name => name.EndsWith(".sql", StringComparison.Ordinal))
            .JournalToPostgresqlTable("public", "schema_journal")
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(logger)
            .Build()
            .PerformUpgrade();
}
