using Npgsql;
using Router.Core.Keys;

namespace Router.Core.Usage;

/// <summary>Writes usage records in batches by binary COPY. Writing a batch again adds what is missing of it.</summary>
public sealed class UsageStore(NpgsqlDataSource database)
{
    internal const string Columns =
        "id, at, workspace_id, router_key_id, generation_id, attempt, trace_id, provider, model, response_model, credential_type, credential_source, "
        + "credential_fingerprint, stream, outcome, http_status, duration_ms, time_to_first_token_ms, input_tokens, cached_tokens, output_tokens, reasoning_tokens, "
        + "estimated, list_price_usd, charge_usd";

    /// <summary>The writer of the last batch: a new one for each would grow through arrays that cost a full collection.</summary>
    private CopyWriter? _spare;

    public async Task WriteAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        var writer = Interlocked.Exchange(ref _spare, null) ?? new CopyWriter();
        await WriteAsync(Rows(writer, records), cancellationToken).ConfigureAwait(false);
        // After a failure it is not used again: what was given up may still be reading it.
        if (writer.TryReset())
            _spare = writer;
    }

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
        var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
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
        await connection.Statement($"INSERT INTO usage_attempts ({Columns}) SELECT {Columns} FROM usage_batch ON CONFLICT DO NOTHING").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>In the order of <see cref="Columns"/>.</summary>
    private static ReadOnlyMemory<byte> Rows(CopyWriter rows, IReadOnlyList<UsageRecord> records)
    {
        foreach (var record in records)
        {
            rows.StartRow(25);
            rows.Uuid(record.Id);
            rows.Timestamp(record.At);
            rows.Text(record.WorkspaceId);
            rows.Text(record.RouterKeyId);
            rows.Uuid(record.GenerationId);
            rows.Integer(record.Attempt);
            rows.Text(record.TraceId);
            rows.Text(record.Provider);
            rows.Text(record.Model);
            rows.Text(record.ResponseModel);
            rows.Text(record.CredentialType);
            rows.Text(record.CredentialSource);
            rows.Text(record.CredentialFingerprint);
            rows.Boolean(record.Stream);
            rows.Text(record.Outcome);
            rows.Integer(record.HttpStatus);
            rows.BigInteger(record.DurationMs);
            rows.BigInteger(record.TimeToFirstTokenMs);
            rows.BigInteger(record.InputTokens);
            rows.BigInteger(record.CachedTokens);
            rows.BigInteger(record.OutputTokens);
            rows.BigInteger(record.ReasoningTokens);
            rows.Boolean(record.Estimated);
            rows.Numeric(record.ListPrice);
            rows.Numeric(record.Charge);
        }

        return rows.Finish();
    }
}
