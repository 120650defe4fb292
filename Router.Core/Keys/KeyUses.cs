using System.Collections.Concurrent;

namespace Router.Core.Keys;

/// <summary>When stored keys were last used here, until it is written. Noting is one dictionary write; nothing leaves the process.</summary>
public sealed class KeyUses(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _uses = new();

    public void Note(Guid keyId) => _uses[keyId] = time.GetUtcNow();

    /// <summary>Takes what was noted. A failed write gives it back through <see cref="Return"/>.</summary>
    public IReadOnlyDictionary<Guid, DateTimeOffset> Take()
    {
        var taken = new Dictionary<Guid, DateTimeOffset>();
        foreach (var (key, _) in _uses)
        {
            if (_uses.TryRemove(key, out var at))
                taken[key] = at;
        }

        return taken;
    }

    public void Return(IReadOnlyDictionary<Guid, DateTimeOffset> taken)
    {
        foreach (var (key, at) in taken)
            _uses.AddOrUpdate(key, at, (_, newer) => newer > at ? newer : at);
    }
}
