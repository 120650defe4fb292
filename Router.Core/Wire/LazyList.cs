using System.Collections;

namespace Router.Core.Wire;

/// <summary>A list whose items are made on first use: what is never looked at is never parsed. Safe to read from several threads.</summary>
public sealed class LazyList<T>(Func<List<T>> make) : IList<T>, IReadOnlyList<T>
{
    private readonly Lazy<List<T>> _items = new(make, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>True once somebody looked.</summary>
    public bool IsMade => _items.IsValueCreated;

    public int Count => _items.Value.Count;

    public bool IsReadOnly => false;

    public T this[int index]
    {
        get => _items.Value[index];
        set => _items.Value[index] = value;
    }

    public void Add(T item) => _items.Value.Add(item);

    public void Clear() => _items.Value.Clear();

    public bool Contains(T item) => _items.Value.Contains(item);

    public void CopyTo(T[] array, int arrayIndex) => _items.Value.CopyTo(array, arrayIndex);

    public int IndexOf(T item) => _items.Value.IndexOf(item);

    public void Insert(int index, T item) => _items.Value.Insert(index, item);

    public bool Remove(T item) => _items.Value.Remove(item);

    public void RemoveAt(int index) => _items.Value.RemoveAt(index);

    public IEnumerator<T> GetEnumerator() => _items.Value.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
