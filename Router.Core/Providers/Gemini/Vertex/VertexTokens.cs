using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>An access token, or the API key that takes its place.</summary>
/// <param name="Value">Null where it has to be asked for.</param>
/// <param name="Fresh">It was made for this call, or is the key itself.</param>
internal readonly record struct VertexToken(Secret? Value, bool Fresh);

/// <summary>
/// Access tokens of service accounts, by the hash of the key's text: a changed key never meets an old token, and a deleted
/// one's is never asked for again. One exchange at a time for each key; a token is renewed in the background before it ends,
/// so that requests wait for the first one only. Each tenant has a shelf of its own, so that none pushes another's tokens out.
/// Safe for concurrent use.
/// </summary>
/// <param name="capacity">How many keys of one tenant are held.</param>
internal sealed class VertexTokens(Func<ServiceAccount, CancellationToken, Task<VertexGrant>> exchange, TimeProvider time, int capacity = 256)
{
    /// <summary>A token this close to its end is renewed.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    /// <summary>A token this close to its end may end on its way.</summary>
    private static readonly TimeSpan TooLate = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UnreachableFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, Entry>> _shelves = new(StringComparer.Ordinal);

    /// <summary>How many keys are held.</summary>
    public int Count => _shelves.Values.Sum(shelf => shelf.Count);

    /// <summary>The token that is held for the key; none where it has to be asked for. Asks nobody.</summary>
    /// <exception cref="ProviderException">
    /// There is no use in asking: the account was refused a moment ago, its endpoint could not be reached, or its private key is none.
    /// </exception>
    public VertexToken Find(string tenant, Secret key, ServiceAccount account)
    {
        if (_shelves.TryGetValue(tenant, out ConcurrentDictionary<string, Entry>? shelf) && shelf.TryGetValue(Id(key), out Entry? entry))
        {
            lock (entry)
            {
                if (Held(entry, account, time.GetUtcNow()) is { } token)
                {
                    return new VertexToken(token, Fresh: false);
                }

                ThrowIfFailed(entry, time.GetUtcNow());
            }
        }

        VertexTokenExchange.Check(account);
        return default;
    }

    /// <summary>A token of the key, and whether it was made for this call.</summary>
    /// <exception cref="ProviderException">The account is refused, or the endpoint cannot be reached.</exception>
    public async ValueTask<(Secret Token, bool Fresh)> GetAsync(Secret key, ServiceAccount account, CancellationToken cancellationToken, string tenant = "")
    {
        Entry entry = EntryOf(tenant, key);
        Task<VertexGrant> flight;
        lock (entry)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (Held(entry, account, now) is { } held)
            {
                return (held, false);
            }

            ThrowIfFailed(entry, now);
            flight = entry.Flight ??= Start(entry, account);
        }

        VertexGrant grant = await flight.WaitAsync(cancellationToken).ConfigureAwait(false);
        return (grant.Token, true);
    }

    /// <summary>The provider refused this token before its end; the next call makes a new one.</summary>
    public void Forget(Secret key, Secret token, string tenant = "")
    {
        if (_shelves.TryGetValue(tenant, out ConcurrentDictionary<string, Entry>? shelf) && shelf.TryGetValue(Id(key), out Entry? entry))
        {
            lock (entry)
            {
                if (entry.Grant?.Token.Equals(token) == true)
                {
                    entry.Grant = null;
                }
            }
        }
    }

    /// <summary>Called with the entry locked. The token that is still good, renewed in the background where it soon is not.</summary>
    private Secret? Held(Entry entry, ServiceAccount account, DateTimeOffset now)
    {
        entry.Used = now;
        if (entry.Grant is not { } held || now >= held.Expires - TooLate)
        {
            return null;
        }

        if (now >= held.Expires - Early && now >= entry.FailedUntil)
        {
            entry.Flight ??= Start(entry, account);
        }

        return held.Token;
    }

    private static void ThrowIfFailed(Entry entry, DateTimeOffset now)
    {
        if (entry.Failure is { } failure && now < entry.FailedUntil)
        {
            throw new ProviderException(failure.Failure, failure.Message) { Status = failure.Status };
        }
    }

    private Entry EntryOf(string tenant, Secret key)
    {
        ConcurrentDictionary<string, Entry> shelf = _shelves.GetOrAdd(tenant, static _ => new(StringComparer.Ordinal));
        string id = Id(key);
        if (shelf.TryGetValue(id, out Entry? found))
        {
            return found;
        }

        if (shelf.Count >= capacity)
        {
            Trim(shelf);
        }

        return shelf.GetOrAdd(id, _ => new Entry { Used = time.GetUtcNow() });
    }

    /// <summary>Lets a quarter go, what was used longest ago first.</summary>
    private void Trim(ConcurrentDictionary<string, Entry> shelf)
    {
        foreach ((string id, _) in shelf.ToArray().OrderBy(pair => pair.Value.Used).Take(Math.Max(1, capacity / 4)))
        {
            shelf.TryRemove(id, out _);
        }
    }

    /// <summary>Called with the entry locked. No caller's cancellation ends it: others may wait for the same token.</summary>
    private Task<VertexGrant> Start(Entry entry, ServiceAccount account)
    {
        Task<VertexGrant> flight = Task.Run(() => RunAsync(entry, account), CancellationToken.None);
        // A renewal nobody waits for fails unseen here and is seen by the call that needs it.
        _ = flight.ContinueWith(static done => done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return flight;
    }

    private async Task<VertexGrant> RunAsync(Entry entry, ServiceAccount account)
    {
        try
        {
            VertexGrant grant = await exchange(account, CancellationToken.None).ConfigureAwait(false);
            lock (entry)
            {
                entry.Grant = grant;
                entry.Failure = null;
                entry.FailedUntil = default;
                entry.Flight = null;
            }

            return grant;
        }
        catch (Exception e)
        {
            lock (entry)
            {
                entry.Flight = null;
                entry.Failure = e as ProviderException;
                bool refused = entry.Failure?.Failure == FailureClass.Credential;
                entry.FailedUntil = time.GetUtcNow() + (refused ? RefusedFor : UnreachableFor);
                if (refused)
                {
                    entry.Grant = null;
                }
            }

            throw;
        }
    }

    private static string Id(Secret key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Reveal())));

    private sealed class Entry
    {
        public VertexGrant? Grant { get; set; }

        public Task<VertexGrant>? Flight { get; set; }

        public ProviderException? Failure { get; set; }

        public DateTimeOffset FailedUntil { get; set; }

        public DateTimeOffset Used { get; set; }
    }
}
