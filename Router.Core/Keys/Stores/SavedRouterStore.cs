using Npgsql;

namespace Router.Core.Keys;

/// <summary>How an attempt to create a saved router ended.</summary>
public enum SavedRouterCreation
{
    Created,

    /// <summary>The workspace has a router of this name.</summary>
    Exists,

    /// <summary>The workspace has as many routers as it may.</summary>
    TooMany,

    NoWorkspace,
}

/// <summary>Saved routers in Postgres. Definitions are valid before they come here; this keeps them, and who changed them.</summary>
public sealed class SavedRouterStore(NpgsqlDataSource database)
{
    /// <summary>How many a workspace may have: every replica holds them all.</summary>
    public const int MostPerWorkspace = 500;

    internal const string SelectForSnapshot = "SELECT id, workspace_id, name, revision, definition::text FROM saved_routers";

    private const string Columns = "id, name, revision, definition::text, created_at, updated_at";

    /// <summary>By name, from the first after <paramref name="after"/>.</summary>
    public Task<List<SavedRouterRecord>> ListAsync(string workspaceId, string after, int limit, CancellationToken cancellationToken) =>
        database.Statement(
            $"SELECT {Columns} FROM saved_routers WHERE workspace_id = $1 AND name COLLATE \"C\" > $2 ORDER BY name COLLATE \"C\" LIMIT $3",
            workspaceId,
            after,
            limit).ReadAsync(Map, cancellationToken);

    public async Task<int> CountAsync(string workspaceId, CancellationToken cancellationToken) =>
        (await database.Statement("SELECT count(*)::int FROM saved_routers WHERE workspace_id = $1", workspaceId)
            .ReadAsync(row => row.GetInt32(0), cancellationToken).ConfigureAwait(false))[0];

    public Task<SavedRouterRecord?> FindAsync(string workspaceId, string name, CancellationToken cancellationToken) =>
        database.Statement($"SELECT {Columns} FROM saved_routers WHERE workspace_id = $1 AND name = $2", workspaceId, name)
            .ReadOneAsync(Map, cancellationToken);

    /// <summary>Creates while holding the workspace's row, so that its routers can be counted.</summary>
    public async Task<(SavedRouterCreation Outcome, SavedRouterRecord? Created)> CreateAsync(
        string workspaceId, string name, string definition, AuditOrigin origin, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var workspaces = await connection.Statement("SELECT id FROM workspaces WHERE id = $1 FOR UPDATE", workspaceId)
            .ReadAsync(row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        if (workspaces.Count == 0)
            return (SavedRouterCreation.NoWorkspace, null);
        var counted = (await connection.Statement(
                "SELECT count(*)::int, coalesce(bool_or(name = $2), false) FROM saved_routers WHERE workspace_id = $1", workspaceId, name)
            .ReadAsync(row => (Count: row.GetInt32(0), Exists: row.GetBoolean(1)), cancellationToken).ConfigureAwait(false))[0];
        if (counted.Exists)
            return (SavedRouterCreation.Exists, null);
        if (counted.Count >= MostPerWorkspace)
            return (SavedRouterCreation.TooMany, null);
        var created = await connection.Statement(
            $"""
            WITH made AS (
                INSERT INTO saved_routers (id, workspace_id, name, definition) VALUES ($5, $6, $7, $8::json) RETURNING *
            ), audited AS (
                {AuditSql.Insert}
                SELECT $1, $2::text, $3::text, $4::text, workspace_id, '{AuditActions.CreateSavedRouter}', name, '{AuditActions.Done}', NULL, NULL,
                    jsonb_build_object('revision', revision)
                FROM made
            )
            SELECT {Columns} FROM made
            """,
            [.. AuditSql.Values(origin), Guid.CreateVersion7(), workspaceId, name, definition]).ReadOneAsync(Map, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return (SavedRouterCreation.Created, created);
    }

    /// <summary>Replaces the definition if it still is the one of <paramref name="revision"/>.</summary>
    /// <param name="changed">The top-level members the change touches, for the audit log.</param>
    /// <returns>Null when it is not.</returns>
    public Task<SavedRouterRecord?> ReplaceAsync(
        string workspaceId, string name, int revision, string definition, IEnumerable<string> changed, AuditOrigin origin, CancellationToken cancellationToken) =>
        database.Statement(
            $"""
            WITH changed AS (
                UPDATE saved_routers SET definition = $8::json, revision = revision + 1, updated_at = now()
                WHERE workspace_id = $5 AND name = $6 AND revision = $7
                RETURNING *
            ), audited AS (
                {AuditSql.Insert}
                SELECT $1, $2::text, $3::text, $4::text, workspace_id, '{AuditActions.ChangeSavedRouter}', name, '{AuditActions.Done}', NULL, NULL,
                    jsonb_build_object('revision', revision, 'changed', to_jsonb($9::text[]))
                FROM changed
            )
            SELECT {Columns} FROM changed
            """,
            [.. AuditSql.Values(origin), workspaceId, name, revision, definition, changed.ToArray()]).ReadOneAsync(Map, cancellationToken);

    public async Task<bool> DeleteAsync(string workspaceId, string name, AuditOrigin origin, CancellationToken cancellationToken) =>
        await database.Statement(
            $"""
            WITH gone AS (
                DELETE FROM saved_routers WHERE workspace_id = $5 AND name = $6 RETURNING revision
            )
            {AuditSql.Insert}
            SELECT $1, $2::text, $3::text, $4::text, $5, '{AuditActions.DeleteSavedRouter}', $6, '{AuditActions.Done}', NULL, NULL,
                jsonb_build_object('revision', revision)
            FROM gone
            """,
            [.. AuditSql.Values(origin), workspaceId, name]).ExecuteAsync(cancellationToken).ConfigureAwait(false) > 0;

    private static SavedRouterRecord Map(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetString(1),
        row.GetInt32(2),
        row.GetString(3),
        row.GetFieldValue<DateTimeOffset>(4),
        row.GetFieldValue<DateTimeOffset>(5));
}
