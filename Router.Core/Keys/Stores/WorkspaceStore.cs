using Npgsql;

namespace Router.Core.Keys;

/// <param name="Policy">What the workspace allows; the default where none was set.</param>
public sealed record WorkspaceRecord(string Id, string DisplayName, WorkspacePolicy Policy, DateTimeOffset CreatedAt);

/// <summary>What became of a change of a policy.</summary>
public enum PolicyOutcome
{
    NoWorkspace,
    Refused,
    Saved,
}

/// <summary>Workspaces in Postgres.</summary>
public sealed class WorkspaceStore(NpgsqlDataSource database)
{
    private const string Columns = "id, display_name, policy::text, created_at";

    public Task<List<WorkspaceRecord>> ListAsync(CancellationToken cancellationToken) =>
        database.Statement($"SELECT {Columns} FROM workspaces ORDER BY id").ReadAsync(Map, cancellationToken);

    public Task<WorkspaceRecord?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.Statement($"SELECT {Columns} FROM workspaces WHERE id = $1", id).ReadOneAsync(Map, cancellationToken);

    /// <returns>Null when the id is taken.</returns>
    public Task<WorkspaceRecord?> CreateAsync(string id, string displayName, AuditOrigin origin, CancellationToken cancellationToken) =>
        database.Statement(
            $"""
            WITH made AS (
                INSERT INTO workspaces (id, display_name) VALUES ($5, $6) ON CONFLICT (id) DO NOTHING RETURNING *
            ), audited AS (
                {AuditSql.Insert}
                SELECT $1, $2::text, $3::text, $4::text, id, '{AuditActions.CreateWorkspace}', id, '{AuditActions.Done}', NULL, NULL,
                    jsonb_build_object('display_name', display_name)
                FROM made
            )
            SELECT {Columns} FROM made
            """,
            [.. AuditSql.Values(origin), id, displayName]).ReadOneAsync(Map, cancellationToken);

    /// <summary>Creates as the router itself.</summary>
    public Task<WorkspaceRecord?> CreateAsync(string id, string displayName, CancellationToken cancellationToken) =>
        CreateAsync(id, displayName, AuditOrigin.System, cancellationToken);

    /// <summary>Deletes the workspace with all its keys; its audit log stays.</summary>
    public async Task<bool> DeleteAsync(string id, AuditOrigin origin, CancellationToken cancellationToken) =>
        await database.Statement(
            $"""
            WITH gone AS (
                DELETE FROM workspaces WHERE id = $5 RETURNING id
            )
            {AuditSql.Insert}
            SELECT $1, $2::text, $3::text, $4::text, id, '{AuditActions.DeleteWorkspace}', id, '{AuditActions.Done}', NULL, NULL, jsonb_build_object(
                'provider_keys', (SELECT count(*) FROM provider_keys WHERE workspace_id = $5),
                'api_keys', (SELECT count(*) FROM router_keys WHERE workspace_id = $5))
            FROM gone
            """,
            [.. AuditSql.Values(origin), id]).ExecuteAsync(cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Deletes as the router itself.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) => DeleteAsync(id, AuditOrigin.System, cancellationToken);

    /// <summary>Changes the policy and logs which members changed, in one transaction that holds the workspace's row: nothing comes between what is read and what is written.</summary>
    /// <param name="change">What the policy becomes, from what it is; null refuses, and leaves it.</param>
    public async Task<PolicyOutcome> ChangePolicyAsync(string id, Func<WorkspacePolicy, WorkspacePolicy?> change, AuditOrigin origin, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var found = await connection.Statement($"SELECT {Columns} FROM workspaces WHERE id = $1 FOR UPDATE", id).ReadOneAsync(Map, cancellationToken).ConfigureAwait(false);
        if (found is null)
            return PolicyOutcome.NoWorkspace;
        if (change(found.Policy) is not { } policy)
            return PolicyOutcome.Refused;
        var next = WorkspacePolicyDocument.From(policy);
        await connection.Statement("UPDATE workspaces SET policy = $2::jsonb WHERE id = $1", id, next.ToJson()).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement(
            $"{AuditSql.Insert} VALUES ($1, $2::text, $3::text, $4::text, $5, '{AuditActions.ChangePolicy}', $5, '{AuditActions.Done}', NULL, NULL, $6::jsonb)",
            [.. AuditSql.Values(origin), id, PolicyChanges.Between(WorkspacePolicyDocument.From(found.Policy), next)]).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return PolicyOutcome.Saved;
    }

    private static WorkspaceRecord Map(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), WorkspacePolicyDocument.Parse(row.TextOrNull(2)), row.GetFieldValue<DateTimeOffset>(3));
}
