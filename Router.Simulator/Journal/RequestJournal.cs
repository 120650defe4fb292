namespace Router.Simulator.Journal;

/// <summary>The latest requests, bounded in number and in bytes of bodies kept.</summary>
internal sealed class RequestJournal(bool keepBodies)
{
    private const int MaxEntries = 10_000;
    private const long MaxBodyBytes = 256L << 20;
    private readonly Lock _gate = new();
    private readonly Queue<JournalEntry> _entries = new();
    private long _sequence;
    private long _bodyBytes;

    public bool KeepsBodies => keepBodies;

    public long NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>Adds an entry whose body is already set.</summary>
    public void Add(JournalEntry entry)
    {
        lock (_gate)
        {
            _entries.Enqueue(entry);
            _bodyBytes += entry.Body?.Length ?? 0;
            while (_entries.Count > MaxEntries || (_bodyBytes > MaxBodyBytes && _entries.Count > 1))
                _bodyBytes -= _entries.Dequeue().Body?.Length ?? 0;
        }
    }

    public JournalEntry[] Snapshot()
    {
        lock (_gate)
            return [.. _entries];
    }

    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            _bodyBytes = 0;
        }
    }
}
