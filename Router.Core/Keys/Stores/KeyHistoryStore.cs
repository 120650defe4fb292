using Npgsql;

namespace Router.Core.Keys;

/// <summary>A change of a key's state, a pause its provider asked for, or a check somebody asked for that changed nothing.</summary>
/// <param name="FromStatus">Null where the key was saved.</param>
/// <param name="Reason">For a person; never holds any part of a key.</param>
/// <param name="Source"><c>save</c>, <c>worker</c>, or <c>person</c> for a check somebody waited for.</param>
/// <param name="Cause"><c>schedule</c>, <c>live_failure</c> or <c>person</c>; null in lines of earlier versions.</param>
/// <param name="Actor">The person as the audit log names them; null for the worker.</param>
/// <param name="TraceId">Of the request that failed, or that asked.</param>
public sealed record KeyHistoryEntry(
    long Id,
    Guid KeyId,
    string Provider,
    int Version,
    DateTimeOffset At,
    CredentialStatus? FromStatus,
    CredentialStatus ToStatus,
    string? Reason,
    string Source,
    string? Cause,
    string? Actor,
    string? ActorId,
    string? TraceId)
{
    internal const string Columns = "h.id, h.key_id, k.provider, h.version, h.at, h.from_status, h.to_status, h.reason, h.source, h.cause, h.actor, h.actor_id, h.trace_id";

    internal static KeyHistoryEntry Map(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetGuid(1),
        row.GetString(2),
        row.GetInt32(3),
        row.GetFieldValue<DateTimeOffset>(4),
        row.TextOrNull(5) is { } from ? CredentialStatusText.Parse(from) : null,
        CredentialStatusText.Parse(row.GetString(6)),
        row.TextOrNull(7),
        row.GetString(8),
        row.TextOrNull(9),
        row.TextOrNull(10),
        row.TextOrNull(11),
        row.TextOrNull(12));
}

/// <summary>Reads what became of a workspace's provider keys. A deleted key's history is deleted with it; the audit log is not.</summary>
public sealed class KeyHistoryStore(NpgsqlDataSource database)
{
    /// <summary>Newest first.</summary>
    /// <param name="provider">Null for every key of the workspace.</param>
    /// <param name="before">Entries with a lower id only; null begins at the newest.</param>
    public Task<List<KeyHistoryEntry>> ListAsync(string workspaceId, string? provider, long? before, int limit, CancellationToken cancellationToken) =>
        database.Statement(
            $"""
            SELECT {KeyHistoryEntry.Columns} FROM provider_key_history h JOIN provider_keys k ON k.id = h.key_id
            WHERE k.workspace_id = $1 AND ($2::text IS NULL OR k.provider = $2::text) AND ($3::bigint IS NULL OR h.id < $3::bigint)
            ORDER BY h.id DESC LIMIT $4
            """,
            workspaceId, provider, before, limit).ReadAsync(KeyHistoryEntry.Map, cancellationToken);
}
