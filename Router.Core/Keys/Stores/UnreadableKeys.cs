using Npgsql;

namespace Router.Core.Keys;

/// <summary>Stored provider keys that no configured master key opens.</summary>
public static class UnreadableKeys
{
    /// <returns>Each as <c>workspace/provider</c>, in order, so many at most.</returns>
    public static async Task<IReadOnlyList<string>> FindAsync(NpgsqlDataSource database, MasterKeyRing ring, int limit, CancellationToken cancellationToken)
    {
        var cipher = new KeyCipher(ring);
        var keys = await database.Statement($"SELECT {StoredKey.Columns} FROM provider_keys k ORDER BY k.workspace_id, k.provider")
            .ReadAsync(StoredKey.Map, cancellationToken).ConfigureAwait(false);
        return [.. keys.Where(key => !cipher.TryOpen(key.Sealed, key.Scope, out _)).Take(limit).Select(key => $"{key.WorkspaceId}/{key.Provider}")];
    }
}
