using Npgsql;
using Router.Core.Limits;

namespace Router.Core.Keys;

public sealed record RouterKeyRecord(
    string Id, string WorkspaceId, string Name, RouterKeyPermissions Permissions, bool IsDevelopment, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    /// <summary>Beside those of the workspace.</summary>
    public LimitSettings Limits { get; init; } = LimitSettings.Default;
}

/// <summary>How an attempt to create a router key ended.</summary>
public enum RouterKeyCreation
{
    Created,

    /// <summary>The workspace has as many active keys as it may.</summary>
    TooMany,

    NoWorkspace,
}

/// <summary>Router API keys in Postgres: the public id and a hash, never the secret.</summary>
public sealed class RouterKeyStore(NpgsqlDataSource database)
{
    /// <summary>How many active ones a workspace may have: every replica holds them all.</summary>
    public const int MostPerWorkspace = 1_000;

    private const string Columns = "id, workspace_id, name, permissions, is_development, created_at, revoked_at, limits::text";

    public Task<List<RouterKeyRecord>> ListAsync(string workspaceId, CancellationToken cancellationToken) =>
        database.Statement($"SELECT {Columns} FROM router_keys WHERE workspace_id = $1 ORDER BY created_at, id", workspaceId)
            .ReadAsync(Map, cancellationToken);

    /// <summary>Creates while holding the workspace's row, so that its keys can be counted.</summary>
    public async Task<(RouterKeyCreation Outcome, RouterKeyRecord? Created)> CreateAsync(
        string workspaceId, string name, RouterKeyPermissions permissions, LimitSettings limits, RouterKeyToken token, AuditOrigin origin, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var workspaces = await connection.Statement("SELECT id FROM workspaces WHERE id = $1 FOR UPDATE", workspaceId)
            .ReadAsync(row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        if (workspaces.Count == 0)
            return (RouterKeyCreation.NoWorkspace, null);
        var active = (await connection.Statement("SELECT count(*)::int FROM router_keys WHERE workspace_id = $1 AND revoked_at IS NULL", workspaceId)
            .ReadAsync(row => row.GetInt32(0), cancellationToken).ConfigureAwait(false))[0];
        if (active >= MostPerWorkspace)
            return (RouterKeyCreation.TooMany, null);
        var created = await connection.Statement(
            $"""
            WITH made AS (
                INSERT INTO router_keys (id, workspace_id, name, secret_hash, permissions, limits) VALUES ($5, $6, $7, $8, $9, $10::jsonb) RETURNING *
            ), audited AS (
                {AuditSql.Insert}
                SELECT $1, $2::text, $3::text, $4::text, workspace_id, '{AuditActions.CreateRouterKey}', id, '{AuditActions.Done}', NULL, 'active',
                    jsonb_build_object('name', name, 'inference', permissions & {(int)RouterKeyPermissions.Inference} <> 0, 'manage', permissions & {(int)RouterKeyPermissions.Manage} <> 0)
                        || jsonb_strip_nulls(jsonb_build_object('limits', limits))
                FROM made
            )
            SELECT {Columns} FROM made
            """,
            [.. AuditSql.Values(origin), token.Id, workspaceId, name, token.Hash(), (int)permissions, limits.ToJson()]).ReadOneAsync(Map, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return (RouterKeyCreation.Created, created);
    }

    /// <summary>Creates as the router itself.</summary>
    /// <returns>Null when there is no such workspace, or it has as many keys as it may.</returns>
    public async Task<RouterKeyRecord?> CreateAsync(
        string workspaceId, string name, RouterKeyPermissions permissions, RouterKeyToken token, CancellationToken cancellationToken) =>
        (await CreateAsync(workspaceId, name, permissions, LimitSettings.Default, token, AuditOrigin.System, cancellationToken).ConfigureAwait(false)).Created;

    public async Task<bool> RevokeAsync(string workspaceId, string id, AuditOrigin origin, CancellationToken cancellationToken) =>
        await database.Statement(
            $"""
            WITH revoked AS (
                UPDATE router_keys SET revoked_at = now() WHERE workspace_id = $5 AND id = $6 AND revoked_at IS NULL RETURNING name
            )
            {AuditSql.Insert}
            SELECT $1, $2::text, $3::text, $4::text, $5, '{AuditActions.RevokeRouterKey}', $6, '{AuditActions.Done}', 'active', 'revoked',
                jsonb_build_object('name', name)
            FROM revoked
            """,
            [.. AuditSql.Values(origin), workspaceId, id]).ExecuteAsync(cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Revokes as the router itself.</summary>
    public Task<bool> RevokeAsync(string workspaceId, string id, CancellationToken cancellationToken) =>
        RevokeAsync(workspaceId, id, AuditOrigin.System, cancellationToken);

    /// <summary>Makes the token the one development key of the workspace; an earlier, different one stops working.</summary>
    public async Task SeedDevelopmentAsync(string workspaceId, RouterKeyToken token, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var delete = new NpgsqlCommand("DELETE FROM router_keys WHERE workspace_id = $1 AND is_development AND id <> $2", connection, transaction)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = token.Id } },
        };
        await delete.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await using var upsert = new NpgsqlCommand(
            """
            INSERT INTO router_keys AS k (id, workspace_id, name, secret_hash, permissions, is_development)
            VALUES ($1, $2, 'development', $3, $4, true)
            ON CONFLICT (id) DO UPDATE SET secret_hash = excluded.secret_hash, permissions = excluded.permissions, revoked_at = NULL
            WHERE k.workspace_id = excluded.workspace_id AND k.is_development
              AND (k.secret_hash, k.permissions) IS DISTINCT FROM (excluded.secret_hash, excluded.permissions)
            """,
            connection,
            transaction)
        {
            Parameters =
            {
                new() { Value = token.Id },
                new() { Value = workspaceId },
                new() { Value = token.Hash() },
                new() { Value = (int)(RouterKeyPermissions.Inference | RouterKeyPermissions.Manage) },
            },
        };
        if (await upsert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) > 0)
        {
            await using var audit = new NpgsqlCommand(
                $"{AuditSql.Insert} VALUES ($1, NULL, NULL, NULL, $2, '{AuditActions.SeedRouterKey}', $3, '{AuditActions.Done}', NULL, 'active', NULL)",
                connection,
                transaction)
            {
                Parameters = { new() { Value = AuditOrigin.System.Actor }, new() { Value = workspaceId }, new() { Value = token.Id } },
            };
            await audit.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static RouterKeyRecord Map(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        (RouterKeyPermissions)row.GetInt32(3),
        row.GetBoolean(4),
        row.GetFieldValue<DateTimeOffset>(5),
        row.TimeOrNull(6))
    {
        Limits = LimitSettings.TryParse(row.TextOrNull(7), out var limits) ? limits : LimitSettings.Default,
    };
}
