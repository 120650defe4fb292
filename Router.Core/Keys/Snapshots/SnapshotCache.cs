namespace Router.Core.Keys;

/// <summary>The snapshot in force. Reading is one volatile load; the refresher swaps it whole.</summary>
public sealed class SnapshotCache : ISnapshotSource
{
    private volatile Snapshot _current = Snapshot.Empty;

    public Snapshot Current => _current;

    /// <summary>False until Postgres was read once: the replica is not ready to serve.</summary>
    public bool IsLoaded => !ReferenceEquals(_current, Snapshot.Empty);

    /// <summary>When it was last known to be what is stored; null until it was read.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    public void Confirm(DateTimeOffset at) => ConfirmedAt = at;

    public void Swap(Snapshot snapshot) => _current = snapshot;
}
