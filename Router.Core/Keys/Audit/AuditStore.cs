using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>The audit log in Postgres: appended to and read, never changed.</summary>
public sealed partial class AuditStore(NpgsqlDataSource database, ILogger<AuditStore> logger)
{
    /// <summary>
    /// Writes a refused attempt, which has no change of its own to be written with. The attempt stays refused when Postgres
    /// fails; the failure is logged. A caller that hangs up does not keep its attempt out of the log.
    /// </summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever keeps the entry from being written, the caller's answer is another matter.")]
    public async Task RefusedAsync(AuditOrigin origin, string workspaceId, string action, string target, string code)
    {
        try
        {
            await database.Statement(
                $"{AuditSql.Insert} VALUES ($1, $2::text, $3::text, $4::text, $5, $6, $7, $8, NULL, NULL, NULL)",
                [.. AuditSql.Values(origin), workspaceId, action, target, code]).ExecuteAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogLost(workspaceId, action, target, code, exception);
        }
    }

    /// <summary>Newest first.</summary>
    /// <param name="before">Entries with a lower id only; null begins at the newest.</param>
    /// <param name="since">Entries from this time on only; null for all.</param>
    public Task<List<AuditEntry>> ListAsync(string workspaceId, long? before, DateTimeOffset? since, int limit, CancellationToken cancellationToken) =>
        database.Statement(
            $"""
            SELECT {AuditEntry.Columns} FROM audit_log
            WHERE workspace_id = $1 AND ($2::bigint IS NULL OR id < $2::bigint) AND ($3::timestamptz IS NULL OR at >= $3::timestamptz)
            ORDER BY id DESC LIMIT $4
            """,
            workspaceId, before, since, limit).ReadAsync(AuditEntry.Map, cancellationToken);

    /// <summary>
    /// Deletes entries older than the retention by PostgreSQL's clock, at most <paramref name="limit"/>; rows another worker is deleting are
    /// left to it. Where every entry is that old, none goes: that is a wrong clock or a wrong setting.
    /// </summary>
    /// <returns>How many went; null where all would have.</returns>
    public async Task<int?> PruneAsync(TimeSpan retention, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var (cutoff, old, left) = (await connection.Statement(
            """
            SELECT cutoff, EXISTS (SELECT 1 FROM audit_log WHERE at < cutoff), EXISTS (SELECT 1 FROM audit_log WHERE at >= cutoff)
            FROM (SELECT clock_timestamp() - $1::interval AS cutoff) AS c
            """,
            retention).ReadAsync(row => (row.GetFieldValue<DateTimeOffset>(0), row.GetBoolean(1), row.GetBoolean(2)), cancellationToken).ConfigureAwait(false))[0];
        if (!old)
            return 0;
        if (!left)
            return null;
        await connection.Statement("SET LOCAL router.audit_retention = 'on'").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var gone = await connection.Statement(
            "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
            cutoff.UtcDateTime, limit).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return gone;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit log lost an entry: {Action} of {Target} in {Workspace} was refused with {Code}")]
    private partial void LogLost(Printable workspace, Printable action, Printable target, Printable code, Exception exception);
}
