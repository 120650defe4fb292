using Npgsql;

namespace Router.Core.Keys;

/// <param name="Policy">What the workspace allows; the default where none was set.</param>
public sealed record WorkspaceRecord(string Id, string DisplayName, WorkspacePolicy Policy, DateTimeOffset CreatedAt);

/// <summary>Workspaces in Postgres.</summary>
public sealed class WorkspaceStore(NpgsqlDataSource database)
{
    private const string Columns = "id, display_name, policy::text, created_at";

    public Task<List<WorkspaceRecord>> ListAsync(CancellationToken cancellationToken) =>
        database.Statement($"SELECT {Columns} FROM workspaces ORDER BY id").ReadAsync(Map, cancellationToken);

    public Task<WorkspaceRecord?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.Statement($"SELECT {Columns} FROM workspaces WHERE id = $1", id).ReadOneAsync(Map, cancellationToken);

    /// <returns>Null when the id is taken.</returns>
    public Task<WorkspaceRecord?> CreateAsync(string id, string displayName, CancellationToken cancellationToken) =>
        database.Statement($"INSERT INTO workspaces (id, display_name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING {Columns}", id, displayName)
            .ReadOneAsync(Map, cancellationToken);

    /// <summary>Deletes the workspace with all its keys.</summary>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) =>
        await database.Statement("DELETE FROM workspaces WHERE id = $1", id).ExecuteAsync(cancellationToken).ConfigureAwait(false) > 0;

    public async Task<bool> SetPolicyAsync(string id, WorkspacePolicy policy, CancellationToken cancellationToken) =>
        await database.Statement("UPDATE workspaces SET policy = $2::jsonb WHERE id = $1", id, WorkspacePolicyDocument.From(policy).ToJson())
            .ExecuteAsync(cancellationToken).ConfigureAwait(false) > 0;

    private static WorkspaceRecord Map(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), WorkspacePolicyDocument.Parse(row.TextOrNull(2)), row.GetFieldValue<DateTimeOffset>(3));
}
