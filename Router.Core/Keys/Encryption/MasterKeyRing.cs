using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Router.Core.Keys;

/// <summary>
/// The configured master keys, newest first. The newest wraps; all of them open. Put a new one in front on every
/// replica, let the worker re-wrap, then take the old one away.
/// </summary>
public sealed class MasterKeyRing
{
    private readonly ImmutableArray<MasterKey> _keys;

    /// <exception cref="ArgumentException">There is no key.</exception>
    public MasterKeyRing(ImmutableArray<MasterKey> keys)
    {
        if (keys.IsDefaultOrEmpty)
            throw new ArgumentException("A ring has at least one master key.", nameof(keys));
        _keys = keys;
    }

    public MasterKey Newest => _keys[0];

    public MasterKey Oldest => _keys[^1];

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
