using Npgsql;

namespace Router.Core.Keys;

/// <summary>Moves stored keys to the newest master key, a batch at a time, while everything keeps running.</summary>
public sealed class RewrapStore(NpgsqlDataSource database, KeyCipher cipher)
{
    /// <summary>
    /// Re-wraps up to <paramref name="limit"/> keys after <paramref name="after"/>. Rows held by another worker are
    /// skipped; a key whose master key is not configured is left as it is and passed over.
    /// </summary>
    public async Task<RewrapBatch> RewrapAsync(Guid after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var select = Command(
            $"SELECT {StoredKey.Columns} FROM provider_keys k WHERE k.master_key_id <> $1 AND k.id > $2 ORDER BY k.id LIMIT $3 FOR UPDATE SKIP LOCKED",
            cipher.NewestMasterKey, after, limit);
        var keys = await select.ReadAsync(StoredKey.Map, cancellationToken).ConfigureAwait(false);
        var rewrapped = 0;
        foreach (var key in keys)
        {
            if (cipher.TryRewrap(key.Sealed, key.Scope) is not { } moved)
                continue;
            rewrapped += await Command(
                "UPDATE provider_keys SET wrapped_key = $4, master_key_id = $5 WHERE id = $1 AND workspace_id = $2 AND version = $3",
                key.Id, key.WorkspaceId, key.Version, moved.WrappedKey, moved.MasterKeyId).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return new(keys.Count, rewrapped, keys.Count == 0 ? after : keys[^1].Id);

        NpgsqlCommand Command(string sql, params ReadOnlySpan<object> values)
        {
            var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = DatabaseCommands.TimeoutSeconds };
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            return command;
        }
    }
}

/// <param name="Seen">Keys looked at; none means the pass is over.</param>
/// <param name="Last">Where the next batch starts.</param>
public sealed record RewrapBatch(int Seen, int Rewrapped, Guid Last);
