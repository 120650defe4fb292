using System.Collections;

namespace Router.Core.Wire;

/// <summary>A list whose items are made on first use: what is never looked at is never parsed. Safe to read from several threads.</summary>
public abstract class LazyList<T> : IList<T>, IReadOnlyList<T>
{
    private List<T>? _items;

    /// <summary>Two who look first at the same moment may both make it; one list is kept, and both get that.</summary>
    private List<T> Items => Volatile.Read(ref _items) ?? Interlocked.CompareExchange(ref _items, Make(), null) ?? _items;

    protected abstract List<T> Make();

    public int Count => Items.Count;

    public bool IsReadOnly => false;

    public T this[int index]
    {
        get => Items[index];
        set => Items[index] = value;
    }

    public void Add(T item) => Items.Add(item);

    public void Clear() => Items.Clear();

    public bool Contains(T item) => Items.Contains(item);

    public void CopyTo(T[] array, int arrayIndex) => Items.CopyTo(array, arrayIndex);

    public int IndexOf(T item) => Items.IndexOf(item);

    public void Insert(int index, T item) => Items.Insert(index, item);

    public bool Remove(T item) => Items.Remove(item);

    public void RemoveAt(int index) => Items.RemoveAt(index);

    public IEnumerator<T> GetEnumerator() => Items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
