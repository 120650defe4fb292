using Npgsql;
using Router.Core.Providers;

namespace Router.Core.Keys;

/// <summary>The queue of due key checks: claims, verdicts and early re-checks. Durations are added to Postgres' clock.</summary>
public sealed class KeyCheckStore(NpgsqlDataSource database)
{
    /// <summary>
    /// Claims due keys for one claimant. Any number of claimants never get the same key; a claim whose holder dies
    /// ends with its lease.
    /// </summary>
    public Task<List<StoredKey>> ClaimDueAsync(string claimant, int limit, TimeSpan lease, CancellationToken cancellationToken) =>
        database.Statement(
            $"""
            WITH due AS (
                SELECT id FROM provider_keys
                WHERE next_check_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())
                ORDER BY next_check_at LIMIT $2 FOR UPDATE SKIP LOCKED
            )
            UPDATE provider_keys k SET claimed_until = now() + $3::interval, claimed_by = $1
            FROM due WHERE k.id = due.id
            RETURNING {StoredKey.Columns}
            """,
            claimant, limit, lease).ReadAsync(StoredKey.Map, cancellationToken);

    /// <summary>
    /// Writes a verdict and, on a transition or for a person, a line of history, in one statement. A check that changes nothing and that
    /// nobody waits for leaves the columns replicas serve from alone, so that no replica reloads for it. A re-check asked for
    /// while this one ran stays owed: what it saw is older than what made the replica ask.
    /// </summary>
    /// <param name="claimant">Who holds the claim; null for a check a person asked for.</param>
    /// <param name="origin">The person who asked, for the audit log; the worker's own checks are in the key's history alone.</param>
    /// <returns>False when the key was replaced or deleted meanwhile, or the claim was lost: the verdict is void.</returns>
    public async Task<bool> RecordAsync(StoredKey key, KeyVerdict verdict, string? claimant, AuditOrigin? origin, CancellationToken cancellationToken)
    {
        var announce = verdict.Status != key.Status || (verdict.Conclusive && (verdict.CoolFor is not null || key.RecheckRequested || claimant is null));
        var shown = announce ? "status = $5, cooling_until = now() + $7::interval," : "";
        var settled = verdict.Conclusive ? """
            checked_at = now(),
            recheck_requested_at = CASE WHEN recheck_requested_at IS DISTINCT FROM $17::timestamptz THEN recheck_requested_at END,
            recheck_traceparent = CASE WHEN recheck_requested_at IS DISTINCT FROM $17::timestamptz THEN recheck_traceparent END,
            """ : "";
        var written = await database.Statement(
            $"""
            WITH checked AS (
                UPDATE provider_keys SET {shown} {settled} tried_at = now(), status_detail = $6::text, next_check_at = now() + CASE WHEN recheck_requested_at IS DISTINCT FROM $17::timestamptz THEN interval '0' ELSE $8::interval END,
                    consecutive_failures = $9, claimed_until = NULL, claimed_by = NULL
                WHERE id = $1 AND workspace_id = $2 AND version = $3 AND ($4::text IS NULL OR claimed_by = $4::text)
                RETURNING id, version
            ), noted AS (
                INSERT INTO provider_key_history (key_id, version, from_status, to_status, reason, source, cause, actor, actor_id, trace_id)
                SELECT id, version, $10, $5, $6::text, $11, $18, $12::text, $13::text, $19::text FROM checked
                WHERE $5::text <> $10::text OR $7::interval IS NOT NULL OR $18::text = 'person'
            ), audited AS (
                {AuditSql.Insert}
                SELECT $12::text, $13::text, $14::text, $15::text, $2, '{AuditActions.ValidateProviderKey}', $16, '{AuditActions.Done}', $10::text, $5::text,
                    jsonb_build_object('version', version)
                FROM checked WHERE $12::text IS NOT NULL
            )
            SELECT 1 FROM checked
            """,
            key.Id, key.WorkspaceId, key.Version, claimant, verdict.Status.ToText(), verdict.Detail, verdict.CoolFor, verdict.NextCheck,
            verdict.ConsecutiveFailures, key.Status.ToText(), claimant is null ? "person" : "worker",
            origin?.Actor, origin?.ActorId, origin?.ClientIp, origin?.TraceId, key.Provider, key.RecheckRequestedAt,
            claimant is null ? "person" : key.Trigger, origin?.TraceId ?? key.CauseTraceId)
            .ReadAsync(row => row.GetInt32(0), cancellationToken).ConfigureAwait(false);
        return written.Count > 0;
    }

    /// <summary>Notes what a service account calls itself, of one that was saved before that was kept.</summary>
    public Task<int> NameAsync(StoredKey key, AccountName account, CancellationToken cancellationToken) =>
        database.Statement(
            "UPDATE provider_keys SET account_email = $4, account_project = $5::text WHERE id = $1 AND workspace_id = $2 AND version = $3 AND account_email IS NULL",
            key.Id, key.WorkspaceId, key.Version, account.Email, account.Project).ExecuteAsync(cancellationToken);

    /// <summary>Whether it is still this version that is stored.</summary>
    public async Task<bool> IsStoredAsync(StoredKey key, CancellationToken cancellationToken) =>
        (await database.Statement("SELECT 1 FROM provider_keys WHERE id = $1 AND workspace_id = $2 AND version = $3", key.Id, key.WorkspaceId, key.Version)
            .ReadAsync(row => row.GetInt32(0), cancellationToken).ConfigureAwait(false)).Count > 0;

    public Task<bool> RecordAsync(StoredKey key, KeyVerdict verdict, string? claimant, CancellationToken cancellationToken) =>
        RecordAsync(key, verdict, claimant, null, cancellationToken);

    /// <summary>
    /// Makes every key of every workspace due now, as the schedule would: a key in good standing is not spent a token on. A check
    /// that is running began before this was asked, so its key is owed another.
    /// </summary>
    /// <param name="traceparent">Of the request that asks; the checks link to it.</param>
    /// <returns>How many keys there are.</returns>
    public async Task<long> RecheckAllAsync(AuditOrigin origin, string? traceparent, CancellationToken cancellationToken) =>
        (await database.Statement(
            $"""
            WITH due AS (
                UPDATE provider_keys SET next_check_at = LEAST(next_check_at, now()), recheck_traceparent = COALESCE(recheck_traceparent, $5::text),
                    recheck_requested_at = CASE WHEN claimed_until > now() THEN now() ELSE recheck_requested_at END
                RETURNING workspace_id
            ), audited AS (
                {AuditSql.Insert}
                SELECT $1, $2::text, $3::text, $4::text, workspace_id, '{AuditActions.RecheckProviderKeys}', workspace_id, '{AuditActions.Done}', NULL, NULL,
                    jsonb_build_object('keys', count(*))
                FROM due GROUP BY workspace_id
            )
            SELECT count(*) FROM due
            """,
            [.. AuditSql.Values(origin), traceparent]).ReadAsync(row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Makes the worker look at a key early, because it failed a request.</summary>
    public Task<int> RequestRecheckAsync(Guid id, string workspaceId, int version, TimeSpan delay, string? traceparent, CancellationToken cancellationToken) =>
        database.Statement(
            """
            UPDATE provider_keys SET next_check_at = LEAST(next_check_at, now() + $4::interval), recheck_requested_at = now(), recheck_traceparent = $5::text
            WHERE id = $1 AND workspace_id = $2 AND version = $3
            """,
            id, workspaceId, version, delay, traceparent).ExecuteAsync(cancellationToken);
}
