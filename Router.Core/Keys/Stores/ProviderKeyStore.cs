using Npgsql;
using Router.Core.Providers;

namespace Router.Core.Keys;

/// <summary>
/// Provider keys in Postgres, one per provider per workspace, sealed before they leave the process. Changes take turns in the order
/// in which they began: a save that was slow to be checked never undoes a newer save or a delete.
/// </summary>
public sealed class ProviderKeyStore(NpgsqlDataSource database, KeyCipher cipher, KeyFingerprint fingerprint)
{
    public Task<List<ProviderKeyRecord>> ListAsync(string workspaceId, CancellationToken cancellationToken) =>
        database.Statement($"SELECT {ProviderKeyRecord.Columns} FROM provider_keys k WHERE k.workspace_id = $1 ORDER BY k.provider", workspaceId)
            .ReadAsync(ProviderKeyRecord.Map, cancellationToken);

    /// <summary>Writes when keys were last used. Never moves a time back, as replicas write in any order.</summary>
    public Task<int> RecordUsesAsync(IReadOnlyDictionary<Guid, DateTimeOffset> uses, CancellationToken cancellationToken) =>
        database.Statement(
            """
            UPDATE provider_keys k SET last_used_at = greatest(k.last_used_at, u.at)
            FROM unnest($1::uuid[], $2::timestamptz[]) AS u(id, at) WHERE k.id = u.id
            """,
            uses.Keys.ToArray(), uses.Values.Select(at => at.UtcDateTime).ToArray()).ExecuteAsync(cancellationToken);

    public Task<ProviderKeyRecord?> FindAsync(string workspaceId, string provider, CancellationToken cancellationToken) =>
        database.Statement(Find, workspaceId, provider).ReadOneAsync(ProviderKeyRecord.Map, cancellationToken);

    /// <summary>Takes the number by which a save is ordered, before its key is checked.</summary>
    /// <returns>Null when the workspace does not exist.</returns>
    public async Task<long?> BeginSaveAsync(string workspaceId, string provider, CancellationToken cancellationToken)
    {
        // The row of a workspace that was made anew begins behind every save of the one before it.
        var turn = await database.Statement(
            """
            WITH turn AS (
                SELECT w.id, nextval('provider_key_turn') AS number FROM workspaces w WHERE w.id = $1
            ), opened AS (
                INSERT INTO provider_key_turns (workspace_id, provider, settled) SELECT id, $2, number - 1 FROM turn ON CONFLICT DO NOTHING
            )
            SELECT number FROM turn
            """,
            workspaceId, provider).ReadAsync(row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        return turn.Count == 0 ? null : turn[0];
    }

    /// <summary>
    /// Saves or replaces the key with the outcome of its check, unless a save or delete that began later took effect meanwhile. The
    /// version is part of what is sealed; nobody else changes the key while this holds the turn.
    /// </summary>
    /// <param name="turn">From <see cref="BeginSaveAsync"/>.</param>
    /// <param name="condition">What must be so of the key that is stored now, which is null where there is none; null: nothing.</param>
    public async Task<KeySave> SaveAsync(
        string workspaceId, string provider, Secret secret, KeyVerdict verdict, AuditOrigin origin, long turn, Func<ProviderKeyRecord?, bool>? condition, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var mine = await connection.Statement(
            "UPDATE provider_key_turns SET settled = $3 WHERE workspace_id = $1 AND provider = $2 AND settled < $3",
            workspaceId, provider, turn).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (mine == 0)
            return new(null, KeySaveOutcome.Overtaken);
        var current = await connection.Statement(Find, workspaceId, provider).ReadOneAsync(ProviderKeyRecord.Map, cancellationToken).ConfigureAwait(false);
        if (condition?.Invoke(current) == false)
            return new(null, KeySaveOutcome.ConditionFailed);
        var version = (current?.Version ?? 0) + 1;
        var account = AccountName.Of(secret);
        var sealedKey = cipher.Seal(secret, new(workspaceId, provider, version));
        var saved = await connection.Statement(
            Save,
            Guid.CreateVersion7(), workspaceId, provider, version, sealedKey.Ciphertext, sealedKey.WrappedKey, sealedKey.MasterKeyId,
            secret.LastFour, fingerprint.Of(secret), verdict.Status.ToText(), verdict.Detail, verdict.CoolFor, verdict.NextCheck,
            verdict.ConsecutiveFailures, verdict.Conclusive, origin.Actor, origin.ActorId, origin.ClientIp, origin.TraceId, account?.Email, account?.Project).ReadOneAsync(ProviderKeyRecord.Map, cancellationToken).ConfigureAwait(false);
        if (saved is null)
            return new(null, KeySaveOutcome.Overtaken);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return new(saved, KeySaveOutcome.Saved);
    }

    /// <summary>Saves as the router itself, there and then.</summary>
    /// <returns>Null when the workspace does not exist, or another change came in between.</returns>
    public async Task<ProviderKeyRecord?> SaveAsync(string workspaceId, string provider, Secret secret, KeyVerdict verdict, CancellationToken cancellationToken) =>
        await BeginSaveAsync(workspaceId, provider, cancellationToken).ConfigureAwait(false) is { } turn
            ? (await SaveAsync(workspaceId, provider, secret, verdict, AuditOrigin.System, turn, null, cancellationToken).ConfigureAwait(false)).Key
            : null;

    /// <summary>Deletes the key. Saves that began before take effect no more, though there was no key yet.</summary>
    /// <param name="condition">What must be so of the key that is stored; null: nothing.</param>
    public async Task<KeyDelete> DeleteAsync(
        string workspaceId, string provider, AuditOrigin origin, Func<ProviderKeyRecord, bool>? condition, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        // The number is drawn once the row is held: whoever waited for it has taken effect before.
        await connection.Statement(
            """
            INSERT INTO provider_key_turns AS t (workspace_id, provider, settled) SELECT id, $2, nextval('provider_key_turn') FROM workspaces WHERE id = $1
            ON CONFLICT (workspace_id, provider) DO UPDATE SET settled = nextval('provider_key_turn')
            """,
            workspaceId, provider).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (condition is not null
            && await connection.Statement(Find, workspaceId, provider).ReadOneAsync(ProviderKeyRecord.Map, cancellationToken).ConfigureAwait(false) is { } current
            && !condition(current))
        {
            return KeyDelete.ConditionFailed;
        }

        var gone = await connection.Statement(
            $"""
            WITH gone AS (
                DELETE FROM provider_keys WHERE workspace_id = $5 AND provider = $6 RETURNING status, version, fingerprint
            )
            {AuditSql.Insert}
            SELECT $1, $2::text, $3::text, $4::text, $5, '{AuditActions.DeleteProviderKey}', $6, '{AuditActions.Done}', status, NULL,
                jsonb_build_object('version', version, 'fingerprint', fingerprint)
            FROM gone
            """,
            [.. AuditSql.Values(origin), workspaceId, provider]).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return gone > 0 ? KeyDelete.Deleted : KeyDelete.None;
    }

    /// <summary>Deletes as the router itself.</summary>
    public async Task<bool> DeleteAsync(string workspaceId, string provider, CancellationToken cancellationToken) =>
        await DeleteAsync(workspaceId, provider, AuditOrigin.System, null, cancellationToken).ConfigureAwait(false) == KeyDelete.Deleted;

    /// <summary>The key as stored, for a check asked for by a person.</summary>
    public Task<StoredKey?> FindSealedAsync(string workspaceId, string provider, CancellationToken cancellationToken) =>
        database.Statement($"SELECT {StoredKey.Columns} FROM provider_keys k WHERE k.workspace_id = $1 AND k.provider = $2", workspaceId, provider)
            .ReadOneAsync(StoredKey.Map, cancellationToken);

    private const string Find = $"SELECT {ProviderKeyRecord.Columns} FROM provider_keys k WHERE k.workspace_id = $1 AND k.provider = $2";

    private const string Save =
        $"""
        WITH before AS (
            SELECT status FROM provider_keys WHERE workspace_id = $2 AND provider = $3
        ), saved AS (
            INSERT INTO provider_keys AS k (id, workspace_id, provider, version, ciphertext, wrapped_key, master_key_id,
                last_four, fingerprint, status, status_detail, cooling_until, checked_at, next_check_at, consecutive_failures, tried_at,
                account_email, account_project)
            SELECT $1, w.id, $3, $4, $5, $6, $7, $8, $9, $10, $11::text, now() + $12::interval, CASE WHEN $15 THEN now() END, now() + $13::interval, $14, now(),
                $20::text, $21::text
            FROM workspaces w WHERE w.id = $2
            ON CONFLICT (workspace_id, provider) DO UPDATE SET
                version = excluded.version, ciphertext = excluded.ciphertext, wrapped_key = excluded.wrapped_key,
                master_key_id = excluded.master_key_id, last_four = excluded.last_four, fingerprint = excluded.fingerprint,
                status = excluded.status, status_detail = excluded.status_detail, cooling_until = excluded.cooling_until,
                checked_at = excluded.checked_at, next_check_at = excluded.next_check_at,
                consecutive_failures = excluded.consecutive_failures, claimed_until = NULL, claimed_by = NULL,
                recheck_requested_at = NULL, recheck_traceparent = NULL, updated_at = now(), tried_at = excluded.tried_at,
                account_email = excluded.account_email, account_project = excluded.account_project
            WHERE k.version = excluded.version - 1
            RETURNING k.*
        ), noted AS (
            INSERT INTO provider_key_history (key_id, version, from_status, to_status, reason, source, cause, actor, actor_id, trace_id)
            SELECT id, version, NULL, status, status_detail, 'save', 'person', $16, $17::text, $19::text FROM saved
        ), audited AS (
            {AuditSql.Insert}
            SELECT $16, $17::text, $18::text, $19::text, workspace_id,
                CASE version WHEN 1 THEN '{AuditActions.CreateProviderKey}' ELSE '{AuditActions.ReplaceProviderKey}' END,
                provider, '{AuditActions.Done}', (SELECT status FROM before), status, jsonb_build_object('version', version, 'fingerprint', fingerprint)
            FROM saved
        )
        SELECT {ProviderKeyRecord.Columns} FROM saved k
        """;
}
