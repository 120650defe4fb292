using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>Records on their way from requests to the writer. Adding takes a microsecond and never waits for the database.</summary>
public sealed class UsageQueue
{
    public const int Capacity = 100_000;

    /// <summary>Emptied batches, 3 MB together: what comes in a turn of the writer at 40,000 a second. New ones are large objects, which cost a full collection.</summary>
    private const int MostSpares = 8;

    private readonly Lock _lock = new();
    private readonly LinkedList<UsageBatch> _full = [];
    private readonly Stack<UsageBatch> _spares = [];
    private UsageBatch _open = new();

    /// <summary>Records in the batches that take no more.</summary>
    private int _closed;

    public int Depth
    {
        get
        {
            lock (_lock)
                return _closed + _open.Count;
        }
    }

    public void Add(in UsageRecord record)
    {
        lock (_lock)
        {
            if (_closed + _open.Count < Capacity)
            {
                _open.Add(record);
                if (_open.Count == UsageBatch.Most)
                {
                    var next = Spare();
                    _full.AddLast(_open);
                    _closed += _open.Count;
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
            if (_full.First is { Value: var oldest })
            {
                _full.RemoveFirst();
                _closed -= oldest.Count;
                return oldest;
            }

            if (_open.Count == 0)
                return null;
            (var batch, _open) = (_open, Spare());
            return batch;
        }
    }

    /// <summary>
    /// A batch that nothing has taken, before all others: it is the next to be tried. It is kept whatever came meanwhile, as it was waiting
    /// before; what comes while the queue is full is lost.
    /// </summary>
    public void PutBack(UsageBatch batch)
    {
        lock (_lock)
        {
            _full.AddFirst(batch);
            _closed += batch.Count;
        }
    }

    /// <summary>Empties it, for the end of a process that found no place for what is in it.</summary>
    /// <returns>How many records are lost.</returns>
    public int Abandon()
    {
        lock (_lock)
        {
            var lost = _closed + _open.Count;
            (_closed, _open) = (0, new());
            _full.Clear();
            return lost;
        }
    }

    /// <summary>An empty batch, outside the queue.</summary>
    public UsageBatch Blank()
    {
        lock (_lock)
            return Spare();
    }

    /// <summary>A batch that is done with, to be filled again unless a write that was given up may still be reading it.</summary>
    public void GiveBack(UsageBatch batch)
    {
        if (batch.WasGivenUp || !batch.TryReset())
            return;
        lock (_lock)
        {
            if (_spares.Count < MostSpares)
                _spares.Push(batch);
        }
    }

    private UsageBatch Spare() => _spares.TryPop(out var spare) ? spare : new();
}
