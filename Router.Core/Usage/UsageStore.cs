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
            await AddMissingAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>All of them or, when it throws, none.</summary>
    private static async Task CopyAsync(NpgsqlConnection connection, string table, ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({UsageBatch.Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            await copy.WriteAsync(rows, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task AddMissingAsync(NpgsqlConnection connection, ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement("CREATE TEMP TABLE usage_batch (LIKE usage_attempts) ON COMMIT DROP").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await CopyAsync(connection, "usage_batch", rows, cancellationToken).ConfigureAwait(false);
        await connection.Statement($"INSERT INTO usage_attempts ({UsageBatch.Columns}) SELECT {UsageBatch.Columns} FROM usage_batch ON CONFLICT DO NOTHING").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }
}
