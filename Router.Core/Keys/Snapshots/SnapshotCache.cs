namespace Router.Core.Keys;

/// <summary>The snapshot in force. Reading is one volatile load; the refresher swaps it whole.</summary>
public sealed class SnapshotCache : ISnapshotSource
{
    private volatile Snapshot _current = Snapshot.Empty;

    public Snapshot Current => _current;

    /// <summary>False until Postgres was read once: the replica is not ready to serve.</summary>
    public bool IsLoaded => !ReferenceEquals(_current, Snapshot.Empty);

    public void Swap(Snapshot snapshot) => _current = snapshot;
}
