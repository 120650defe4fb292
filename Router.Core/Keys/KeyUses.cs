using System.Collections.Concurrent;

namespace Router.Core.Keys;

/// <summary>When stored keys were last used here, until it is written. Noting is one dictionary write; nothing leaves the process.</summary>
public sealed class KeyUses(TimeProvider time)
{
    /// <summary>In ticks, which the dictionary writes in place; a value of more bytes would be a new node for each note.</summary>
    private readonly ConcurrentDictionary<Guid, long> _uses = new();

    public void Note(Guid keyId) => _uses[keyId] = time.GetUtcNow().UtcTicks;

    /// <summary>Takes what was noted. A failed write gives it back through <see cref="Return"/>.</summary>
    public IReadOnlyDictionary<Guid, DateTimeOffset> Take()
    {
        var taken = new Dictionary<Guid, DateTimeOffset>();
        foreach (var (key, _) in _uses)
        {
            if (_uses.TryRemove(key, out var at))
                taken[key] = new DateTimeOffset(at, TimeSpan.Zero);
        }

        return taken;
    }

    public void Return(IReadOnlyDictionary<Guid, DateTimeOffset> taken)
    {
        foreach (var (key, at) in taken)
            _uses.AddOrUpdate(key, at.UtcTicks, (_, newer) => Math.Max(newer, at.UtcTicks));
    }
}
