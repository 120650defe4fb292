using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>Records on their way from requests to the writer. Adding takes a microsecond and never waits for the database.</summary>
public sealed class UsageQueue
{
    public const int Capacity = 100_000;

    /// <summary>Emptied batches, 3 MB together: what comes in a turn of the writer at 40,000 a second. New ones are large objects, which cost a full collection.</summary>
    private const int MostSpares = 8;

    private readonly Lock _lock = new();
    private readonly Queue<UsageBatch> _full = [];
    private readonly Stack<UsageBatch> _spares = [];
    private UsageBatch _open = new();

    public int Depth
    {
        get
        {
            lock (_lock)
                return _full.Count * UsageBatch.Most + _open.Count;
        }
    }

    public void Add(in UsageRecord record)
    {
        lock (_lock)
        {
            if (_full.Count * UsageBatch.Most + _open.Count < Capacity)
            {
                _open.Add(record);
                if (_open.Count == UsageBatch.Most)
                {
                    var next = Spare();
                    _full.Enqueue(_open);
                    _open = next;
                }

                return;
            }
        }

        UsageTelemetry.Dropped.Add(1);
    }

    /// <summary>The oldest batch, full or not; null when nothing waits.</summary>
    public UsageBatch? Take()
    {
        lock (_lock)
        {
            if (_full.TryDequeue(out var batch))
                return batch;
            if (_open.Count == 0)
                return null;
            (batch, _open) = (_open, Spare());
            return batch;
        }
    }

    /// <summary>An empty batch, outside the queue.</summary>
    public UsageBatch Blank()
    {
        lock (_lock)
            return Spare();
    }

    /// <summary>A batch that is done with. Not one whose write failed: what was given up may still be reading it.</summary>
    public void GiveBack(UsageBatch batch)
    {
        if (!batch.TryReset())
            return;
        lock (_lock)
        {
            if (_spares.Count < MostSpares)
                _spares.Push(batch);
        }
    }

    private UsageBatch Spare() => _spares.TryPop(out var spare) ? spare : new();
}
