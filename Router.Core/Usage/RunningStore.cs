using System.Text.Json;
using Npgsql;
using Router.Core.Keys;

namespace Router.Core.Usage;

/// <summary>
/// What is under way in all processes, each row noted again every second. A row that is not was its process's last word: it becomes a receipt
/// with the outcome <see cref="RunningReceipts.Lost"/>, unless the real one is there. Times are PostgreSQL's.
/// </summary>
public sealed class RunningStore(NpgsqlDataSource database)
{
    private const int MostSettled = 1_000;

    /// <summary>How long a row outlives what it is of: until the receipt has been written, or put aside on disk.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2.5);

    /// <summary>Notes what runs in a process, and forgets what ran there before.</summary>
    public async Task NoteAsync(Guid process, IReadOnlyList<UsageRecord> running, CancellationToken cancellationToken)
    {
        if (running.Count > 0)
        {
            await database.Statement(
                """
                INSERT INTO usage_running (id, process, receipt, noted_at) SELECT r.id, $1, r.receipt, clock_timestamp() FROM unnest($2::uuid[], $3::text[]) AS r (id, receipt)
                ON CONFLICT (id) DO UPDATE SET receipt = excluded.receipt, noted_at = excluded.noted_at
                """,
                process, running.Select(receipt => receipt.Id).ToArray(), running.Select(Write).ToArray()).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        await ForgetAsync(process, Kept, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets all that ran in a process, as it ends with every receipt written.</summary>
    public Task ForgetAsync(Guid process, CancellationToken cancellationToken) => ForgetAsync(process, TimeSpan.Zero, cancellationToken);

    /// <summary>Writes the receipts of what was under way in processes that have been silent for so long. Any number may do so at once.</summary>
    /// <returns>How many were settled.</returns>
    public async Task<int> SettleAsync(TimeSpan silence, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var lost = (await connection.Statement(
            """
            DELETE FROM usage_running WHERE id IN (
                SELECT id FROM usage_running WHERE noted_at < clock_timestamp() - $1::interval ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING receipt
            """,
            silence, MostSettled).ReadAsync(row => row.GetString(0), cancellationToken).ConfigureAwait(false)).Select(Read).OfType<UsageRecord>().ToList();
        if (lost.Count > 0)
            await UsageStore.AddMissingAsync(connection, new UsageBatch().AddAll(lost), cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return lost.Count;
    }

    private Task ForgetAsync(Guid process, TimeSpan since, CancellationToken cancellationToken) => database.Statement(
        "DELETE FROM usage_running WHERE process = $1 AND noted_at <= clock_timestamp() - $2::interval", process, since).ExecuteAsync(cancellationToken);

    private static string Write(UsageRecord receipt) => JsonSerializer.Serialize(receipt, UsageJsonContext.Default.UsageRecord);

    private static UsageRecord? Read(string receipt)
    {
        try
        {
            return JsonSerializer.Deserialize(receipt, UsageJsonContext.Default.UsageRecord);
        }
        catch (JsonException)
        {
            // Of a version that wrote it in another way.
            return null;
        }
    }
}
