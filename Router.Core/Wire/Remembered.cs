using System.Collections.Concurrent;

namespace Router.Core.Wire;

/// <summary>
/// What was made of a text, kept for the next who asks: a model's name comes with every request. Names are the callers', and all callers
/// share this, so only so many are kept, and new ones always find room: there are two shelves, and when the first is full it becomes
/// the second, whose names are dropped. A name that is asked for meanwhile moves to the first again, so whoever invents names cannot
/// push out those in use, nor keep out new ones. What is dropped is made anew, and is the same. Thread-safe.
/// </summary>
internal sealed class Remembered<TKey, TValue>(Func<TKey, TValue> make)
    where TKey : notnull
{
    /// <summary>On each of the two.</summary>
    private const int Most = 500;

    private readonly Lock _lock = new();
    private volatile ConcurrentDictionary<TKey, TValue> _first = new();
    private volatile ConcurrentDictionary<TKey, TValue> _second = new();
    private int _count;

    /// <summary>How many are kept.</summary>
    public int Count => _first.Count + _second.Count;

    public TValue Of(TKey key) => _first.TryGetValue(key, out TValue? known) ? known : Keep(key);

    private TValue Keep(TKey key)
    {
        if (!_second.TryGetValue(key, out TValue? value))
        {
            value = make(key);
        }

        if (_first.TryAdd(key, value) && Interlocked.Increment(ref _count) >= Most)
        {
            Turn();
        }

        return value;
    }

    private void Turn()
    {
        lock (_lock)
        {
            if (Volatile.Read(ref _count) >= Most)
            {
                (_second, _first) = (_first, new());
                Volatile.Write(ref _count, 0);
            }
        }
    }
}
