using Npgsql;
using Router.Core.Keys;

namespace Router.Core.Usage;

/// <summary>Writes usage records in batches by binary COPY. Writing a batch again adds what is missing of it.</summary>
public sealed class UsageStore(NpgsqlDataSource database)
{
    public Task WriteAsync(UsageBatch batch, CancellationToken cancellationToken) => WriteAsync(batch.Rows(), cancellationToken);

    private async Task WriteAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await CopyAsync(connection, "usage_attempts", rows, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Some of it was written before, by a try whose success nobody heard of.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await AddMissingAsync(connection, rows, Replaces, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Adds receipts of which others may be there, in the caller's transaction; those that are stay.</summary>
    internal static Task AddMissingAsync(NpgsqlConnection connection, UsageBatch batch, CancellationToken cancellationToken) =>
        AddMissingAsync(connection, batch.Rows(), "DO NOTHING", cancellationToken);

    /// <summary>All of them or, when it throws, none.</summary>
    private static async Task CopyAsync(NpgsqlConnection connection, string table, ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({UsageBatch.Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            await copy.WriteAsync(rows, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A receipt that says what became of a request takes the place of one that says it was lost; no other is touched.</summary>
    private static string Replaces { get; } =
        $"(at, id) DO UPDATE SET ({UsageBatch.Columns}) = ROW ({string.Join(", ", UsageBatch.Columns.Split(", ").Select(column => "excluded." + column))}) "
        + $"WHERE usage_attempts.outcome = '{RunningReceipts.Lost}' AND excluded.outcome <> '{RunningReceipts.Lost}'";

    private static async Task AddMissingAsync(NpgsqlConnection connection, ReadOnlyMemory<byte> rows, string known, CancellationToken cancellationToken)
    {
        await connection.Statement("CREATE TEMP TABLE usage_batch (LIKE usage_attempts) ON COMMIT DROP").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await CopyAsync(connection, "usage_batch", rows, cancellationToken).ConfigureAwait(false);
        await connection.Statement($"INSERT INTO usage_attempts ({UsageBatch.Columns}) SELECT {UsageBatch.Columns} FROM (SELECT DISTINCT ON (at, id) * FROM usage_batch) AS batch ON CONFLICT {known}").ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
