using Npgsql;
using NpgsqlTypes;
using Router.Core.Keys;

namespace Router.Core.Usage;

/// <summary>Writes usage records in batches by binary COPY. Writing a batch again changes nothing.</summary>
public sealed class UsageStore(NpgsqlDataSource database)
{
    internal const string Columns =
        "id, at, workspace_id, router_key_id, generation_id, attempt, trace_id, provider, model, response_model, credential_type, credential_source, "
        + "credential_fingerprint, stream, outcome, http_status, duration_ms, time_to_first_token_ms, input_tokens, cached_tokens, output_tokens, reasoning_tokens, "
        + "estimated, list_price_usd, charge_usd";

    public async Task WriteAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement("CREATE TEMP TABLE usage_batch (LIKE usage_attempts) ON COMMIT DROP").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var import = await connection.BeginBinaryImportAsync($"COPY usage_batch ({Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using (import.ConfigureAwait(false))
        {
            foreach (var record in records)
                await WriteAsync(import, record, cancellationToken).ConfigureAwait(false);
            await import.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        await connection.Statement($"INSERT INTO usage_attempts ({Columns}) SELECT {Columns} FROM usage_batch ON CONFLICT DO NOTHING").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter import, UsageRecord record, CancellationToken cancellationToken)
    {
        await import.StartRowAsync(cancellationToken).ConfigureAwait(false);
        await import.WriteAsync(record.Id, NpgsqlDbType.Uuid, cancellationToken).ConfigureAwait(false);
        await import.WriteAsync(record.At.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken).ConfigureAwait(false);
        await TextAsync(record.WorkspaceId).ConfigureAwait(false);
        await TextAsync(record.RouterKeyId).ConfigureAwait(false);
        await import.WriteAsync(record.GenerationId, NpgsqlDbType.Uuid, cancellationToken).ConfigureAwait(false);
        await import.WriteAsync(record.Attempt, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
        await TextAsync(record.TraceId).ConfigureAwait(false);
        await TextAsync(record.Provider).ConfigureAwait(false);
        await TextAsync(record.Model).ConfigureAwait(false);
        await TextAsync(record.ResponseModel).ConfigureAwait(false);
        await TextAsync(record.CredentialType).ConfigureAwait(false);
        await TextAsync(record.CredentialSource).ConfigureAwait(false);
        await TextAsync(record.CredentialFingerprint).ConfigureAwait(false);
        await import.WriteAsync(record.Stream, NpgsqlDbType.Boolean, cancellationToken).ConfigureAwait(false);
        await TextAsync(record.Outcome).ConfigureAwait(false);
        await ValueAsync(record.HttpStatus, NpgsqlDbType.Integer).ConfigureAwait(false);
        await import.WriteAsync(record.DurationMs, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
        await ValueAsync(record.TimeToFirstTokenMs, NpgsqlDbType.Bigint).ConfigureAwait(false);
        await ValueAsync(record.InputTokens, NpgsqlDbType.Bigint).ConfigureAwait(false);
        await ValueAsync(record.CachedTokens, NpgsqlDbType.Bigint).ConfigureAwait(false);
        await ValueAsync(record.OutputTokens, NpgsqlDbType.Bigint).ConfigureAwait(false);
        await ValueAsync(record.ReasoningTokens, NpgsqlDbType.Bigint).ConfigureAwait(false);
        await import.WriteAsync(record.Estimated, NpgsqlDbType.Boolean, cancellationToken).ConfigureAwait(false);
        await ValueAsync(record.ListPrice, NpgsqlDbType.Numeric).ConfigureAwait(false);
        await ValueAsync(record.Charge, NpgsqlDbType.Numeric).ConfigureAwait(false);

        // Postgres holds no NUL in a text; a provider may send one.
        Task TextAsync(string? text) => text is null
            ? import.WriteNullAsync(cancellationToken)
            : import.WriteAsync(text.Replace('\0', '\uFFFD'), NpgsqlDbType.Text, cancellationToken);
        Task ValueAsync<T>(T? value, NpgsqlDbType type)
            where T : struct => value is { } given ? import.WriteAsync(given, type, cancellationToken) : import.WriteNullAsync(cancellationToken);
    }
}
