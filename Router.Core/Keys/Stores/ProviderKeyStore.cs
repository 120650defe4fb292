using Npgsql;

namespace Router.Core.Keys;

/// <summary>Provider keys in Postgres, one per provider per workspace, sealed before they leave the process.</summary>
public sealed class ProviderKeyStore(NpgsqlDataSource database, KeyCipher cipher, KeyFingerprint fingerprint)
{
    private const int SaveAttempts = 5;

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
        database.Statement($"SELECT {ProviderKeyRecord.Columns} FROM provider_keys k WHERE k.workspace_id = $1 AND k.provider = $2", workspaceId, provider)
            .ReadOneAsync(ProviderKeyRecord.Map, cancellationToken);

    /// <summary>
    /// Saves or replaces the key with the outcome of its check. The version is part of what is sealed, so it is read
    /// first and the write holds only if it is still the same; a lost race seals again under the next version.
    /// </summary>
    /// <returns>Null when the workspace does not exist.</returns>
    public async Task<ProviderKeyRecord?> SaveAsync(
        string workspaceId, string provider, Secret secret, KeyVerdict verdict, AuditOrigin origin, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < SaveAttempts; attempt++)
        {
            var current = await FindAsync(workspaceId, provider, cancellationToken).ConfigureAwait(false);
            var version = (current?.Version ?? 0) + 1;
            var sealedKey = cipher.Seal(secret, new(workspaceId, provider, version));
            var saved = await database.Statement(
                Save,
                Guid.CreateVersion7(), workspaceId, provider, version, sealedKey.Ciphertext, sealedKey.WrappedKey, sealedKey.MasterKeyId,
                secret.LastFour, fingerprint.Of(secret), verdict.Status.ToText(), verdict.Detail, verdict.CoolFor, verdict.NextCheck,
                verdict.ConsecutiveFailures, verdict.Conclusive, origin.Actor, origin.ActorId, origin.ClientIp, origin.TraceId).ReadOneAsync(ProviderKeyRecord.Map, cancellationToken).ConfigureAwait(false);
            if (saved is not null)
                return saved;
            if (!await WorkspaceExistsAsync(workspaceId, cancellationToken).ConfigureAwait(false))
                return null;
        }

        throw new NpgsqlException($"The key was replaced {SaveAttempts} times while it was being saved.");
    }

    /// <summary>Saves as the router itself.</summary>
    public Task<ProviderKeyRecord?> SaveAsync(string workspaceId, string provider, Secret secret, KeyVerdict verdict, CancellationToken cancellationToken) =>
        SaveAsync(workspaceId, provider, secret, verdict, AuditOrigin.System, cancellationToken);

    public async Task<bool> DeleteAsync(string workspaceId, string provider, AuditOrigin origin, CancellationToken cancellationToken) =>
        await database.Statement(
            $"""
            WITH gone AS (
                DELETE FROM provider_keys WHERE workspace_id = $5 AND provider = $6 RETURNING status, version, fingerprint
            )
            {AuditSql.Insert}
            SELECT $1, $2::text, $3::text, $4::text, $5, '{AuditActions.DeleteProviderKey}', $6, '{AuditActions.Done}', status, NULL,
                jsonb_build_object('version', version, 'fingerprint', fingerprint)
            FROM gone
            """,
            [.. AuditSql.Values(origin), workspaceId, provider]).ExecuteAsync(cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Deletes as the router itself.</summary>
    public Task<bool> DeleteAsync(string workspaceId, string provider, CancellationToken cancellationToken) =>
        DeleteAsync(workspaceId, provider, AuditOrigin.System, cancellationToken);

    /// <summary>The key as stored, for a check asked for by a person.</summary>
    public Task<StoredKey?> FindSealedAsync(string workspaceId, string provider, CancellationToken cancellationToken) =>
        database.Statement($"SELECT {StoredKey.Columns} FROM provider_keys k WHERE k.workspace_id = $1 AND k.provider = $2", workspaceId, provider)
            .ReadOneAsync(StoredKey.Map, cancellationToken);

    private async Task<bool> WorkspaceExistsAsync(string workspaceId, CancellationToken cancellationToken) =>
        (await database.Statement("SELECT 1 FROM workspaces WHERE id = $1", workspaceId)
            .ReadAsync(row => row.GetInt32(0), cancellationToken).ConfigureAwait(false)).Count > 0;

    private const string Save =
        $"""
        WITH before AS (
            SELECT status FROM provider_keys WHERE workspace_id = $2 AND provider = $3
        ), saved AS (
            INSERT INTO provider_keys AS k (id, workspace_id, provider, version, ciphertext, wrapped_key, master_key_id,
                last_four, fingerprint, status, status_detail, cooling_until, checked_at, next_check_at, consecutive_failures)
            SELECT $1, w.id, $3, $4, $5, $6, $7, $8, $9, $10, $11::text, now() + $12::interval, CASE WHEN $15 THEN now() END, now() + $13::interval, $14
            FROM workspaces w WHERE w.id = $2
            ON CONFLICT (workspace_id, provider) DO UPDATE SET
                version = excluded.version, ciphertext = excluded.ciphertext, wrapped_key = excluded.wrapped_key,
                master_key_id = excluded.master_key_id, last_four = excluded.last_four, fingerprint = excluded.fingerprint,
                status = excluded.status, status_detail = excluded.status_detail, cooling_until = excluded.cooling_until,
                checked_at = excluded.checked_at, next_check_at = excluded.next_check_at,
                consecutive_failures = excluded.consecutive_failures, claimed_until = NULL, claimed_by = NULL,
                recheck_requested_at = NULL, recheck_traceparent = NULL, updated_at = now()
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
