using System.Collections.Concurrent;

namespace Router.Core.Wire;

/// <summary>
/// What was made of a text, kept for the next who asks: a model's name comes with every request. Names are the caller's, so only so many
/// are kept. Thread-safe.
/// </summary>
internal sealed class Remembered<TKey, TValue>(Func<TKey, TValue> make)
    where TKey : notnull
{
    private const int Most = 1000;

    private readonly ConcurrentDictionary<TKey, TValue> _known = new();
    private int _count;

    public TValue Of(TKey key)
    {
        if (_known.TryGetValue(key, out TValue? known))
        {
            return known;
        }

        TValue made = make(key);
        if (Volatile.Read(ref _count) < Most && _known.TryAdd(key, made))
        {
            Interlocked.Increment(ref _count);
        }

        return made;
    }
}
