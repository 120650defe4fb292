using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Router.Core.Keys;

/// <summary>
/// The configured master keys, newest first. The newest wraps; all of them open. Put a new one in front on every
/// replica, let the worker re-wrap, then take the old one away. Replaced whole while the process runs; safe for concurrent use.
/// </summary>
public sealed class MasterKeyRing
{
    private volatile MasterKey[] _keys;

    /// <exception cref="ArgumentException">There is no key.</exception>
    public MasterKeyRing(ImmutableArray<MasterKey> keys)
    {
        if (keys.IsDefaultOrEmpty)
            throw new ArgumentException("A ring has at least one master key.", nameof(keys));
        _keys = [.. keys];
    }

    public MasterKey Newest => _keys[0];

    public MasterKey Oldest => _keys[^1];

    public IEnumerable<string> Names => _keys.Select(key => key.Name);

    /// <summary>Takes over another ring's keys.</summary>
    /// <returns>False when they are the same.</returns>
    public bool Replace(MasterKeyRing other)
    {
        var (now, next) = (_keys, other._keys);
        if (now.Length == next.Length && now.Zip(next).All(pair => pair.First.Name == pair.Second.Name && pair.First.Bytes.SequenceEqual(pair.Second.Bytes)))
            return false;
        _keys = next;
        return true;
    }

    public bool TryFind(string name, [NotNullWhen(true)] out MasterKey? key)
    {
        foreach (var candidate in _keys)
        {
            if (candidate.Name == name)
            {
                key = candidate;
                return true;
            }
        }

        key = null;
        return false;
    }
}
