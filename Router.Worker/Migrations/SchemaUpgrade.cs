using DbUp;
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
        // DbUp opens its connections synchronously. The driver's synchronous connect was seen to wait until its timeout for a server that was
        // there, on a busy machine; it finds a connection in the pool, made asynchronously.
        await (await database.OpenConnectionAsync(cancellationToken)).DisposeAsync();
        var result = DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(database))
            .WithScriptsEmbeddedInAssembly(typeof(SchemaUpgrade).Assembly, name => name.EndsWith(".sql", StringComparison.Ordinal))
            .JournalToPostgresqlTable("public", "schema_journal")
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(logger)
            .Build()
            .PerformUpgrade();
        await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", guard) { Parameters = { new() { Value = LockId } } };
        await release.ExecuteNonQueryAsync(cancellationToken);
        return result.Successful
            ? result.Scripts.Count()
            : throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed.", result.Error);
    }
}
