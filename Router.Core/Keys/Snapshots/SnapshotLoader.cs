using System.Collections.Frozen;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Core.Limits;
using Router.Core.Routing.SavedRouters;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>Reads the stored state in one consistent view and opens the provider keys.</summary>
public sealed partial class SnapshotLoader(NpgsqlDataSource database, KeyCipher cipher, TimeProvider time, ILogger<SnapshotLoader> logger)
{
    private static readonly string[] Statements =
    [
        "SELECT version, greatest(extract(epoch FROM clock_timestamp() - changed_at), 0)::float8 FROM state_version",
        "SELECT id, workspace_id, name, secret_hash, permissions, limits::text FROM router_keys WHERE revoked_at IS NULL",
        $"SELECT {StoredKey.Columns}, k.last_four, k.cooling_until, k.checked_at FROM provider_keys k",
        SavedRouterStore.SelectForSnapshot,
        "SELECT id, display_name, policy::text FROM workspaces",
        LiveProviderStore.Select,
    ];

    // Compiled once: most loads are for another change. Loads take turns.
    private FrozenDictionary<Guid, RouterEntry> _compiled = FrozenDictionary<Guid, RouterEntry>.Empty;

    // What the last load could not read has been said.
    private HashSet<string> _unreadable = [];

    public async Task<long> ReadVersionAsync(CancellationToken cancellationToken) =>
        (await database.Statement(Statements[0]).ReadAsync(row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    public async Task<Snapshot> LoadAsync(CancellationToken cancellationToken)
    {
        var takenAt = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection
            .BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = DatabaseCommands.TimeoutSeconds };
        foreach (var statement in Statements)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);

        var (version, age) = (await ReadAsync(reader, row => (row.GetInt64(0), row.GetDouble(1)), cancellationToken).ConfigureAwait(false))[0];
        var unreadable = new HashSet<string>(StringComparer.Ordinal);
        var routerKeys = (await ReadAsync(reader, row => MapRouterKey(row, unreadable), cancellationToken).ConfigureAwait(false)).OfType<RouterKey>();
        var providerKeys = (await ReadAsync(reader, MapProviderKey, cancellationToken).ConfigureAwait(false)).ToLookup(key => key.WorkspaceId);
        var savedRouters = await ReadAsync(reader, MapSavedRouter, cancellationToken).ConfigureAwait(false);
        var routersOf = savedRouters.ToLookup(router => router.WorkspaceId, router => router.Entry);
        _compiled = savedRouters.ToFrozenDictionary(router => router.Entry.Id, router => router.Entry);
        var workspaces = await ReadAsync(
            reader,
            row => new Workspace(
                row.GetString(0),
                row.GetString(1),
                ReadPolicy(row, unreadable),
                providerKeys[row.GetString(0)].ToFrozenDictionary(key => key.Provider, StringComparer.OrdinalIgnoreCase))
            {
                IsStored = true,
                SavedRouters = routersOf[row.GetString(0)].ToFrozenDictionary(router => router.Name, StringComparer.Ordinal),
            },
            cancellationToken).ConfigureAwait(false);
        var live = await ReadAsync(reader, row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        _unreadable = unreadable;
        return new(
            routerKeys.ToFrozenDictionary(key => key.Id, StringComparer.Ordinal),
            workspaces.ToFrozenDictionary(workspace => workspace.Id, StringComparer.Ordinal),
            version,
            takenAt)
        {
            ChangeAge = TimeSpan.FromSeconds(age),
            LiveProviders = live.ToFrozenSet(StringComparer.Ordinal),
        };
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(map(reader));
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <returns>Null for a key whose limits cannot be read: one without its limits would be more than it was made to be.</returns>
    private RouterKey? MapRouterKey(NpgsqlDataReader row, HashSet<string> unreadable)
    {
        if (LimitSettings.TryParse(row.TextOrNull(5), out var limits))
            return new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<byte[]>(3), (RouterKeyPermissions)row.GetInt32(4)) { Limits = limits };
        if (IsNews("key " + row.GetString(0), unreadable))
            LogUnreadableKey(row.GetString(0), row.GetString(1));
        return null;
    }

    private WorkspacePolicy ReadPolicy(NpgsqlDataReader row, HashSet<string> unreadable)
    {
        var policy = WorkspacePolicyDocument.Parse(row.TextOrNull(2));
        if (ReferenceEquals(policy, WorkspacePolicy.Nothing) && IsNews("policy " + row.GetString(0), unreadable))
            LogUnreadablePolicy(row.GetString(0));
        return policy;
    }

    private bool IsNews(string what, HashSet<string> unreadable) => unreadable.Add(what) && !_unreadable.Contains(what);

    private (string WorkspaceId, RouterEntry Entry) MapSavedRouter(NpgsqlDataReader row)
    {
        var (id, revision) = (row.GetGuid(0), row.GetInt32(3));
        var entry = _compiled.TryGetValue(id, out var known) && known.Revision == revision
            ? known
            : RouterEntry.Of(id, row.GetString(2), revision, Encoding.UTF8.GetBytes(row.GetString(4)));
        return (row.GetString(1), entry);
    }

    private ProviderKey MapProviderKey(NpgsqlDataReader row)
    {
        var stored = StoredKey.Map(row);
        var opened = cipher.TryOpen(stored.Sealed, stored.Scope, out var secret);
        // A key that opens here is not undecryptable, whatever a worker with other master keys wrote.
        var status = !opened ? CredentialStatus.Undecryptable
            : stored.Status is CredentialStatus.Undecryptable ? CredentialStatus.Unknown
            : stored.Status;
        return new(
            stored.Id, stored.WorkspaceId, stored.Provider, stored.Version, secret, row.GetString(13), stored.Fingerprint, status, row.TimeOrNull(14))
        {
            CheckedAt = row.TimeOrNull(15),
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The policy of workspace {Workspace} cannot be read; the workspace is allowed nothing until it is set again")]
    private partial void LogUnreadablePolicy(Printable workspace);

    [LoggerMessage(Level = LogLevel.Error, Message = "The limits of router key {Key} of workspace {Workspace} cannot be read; the key is refused")]
    private partial void LogUnreadableKey(Printable key, Printable workspace);
}
