using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Router.Core.Limits;

/// <summary>
/// Which of our expiring keys there are: a sorted set of them by when they end. Looking for them with SCAN would walk through
/// everything a shared Redis holds, and on a big one come to no end in time.
/// </summary>
internal sealed class ExpiringIndex(RedisKey index, TimeProvider time)
{
    /// <summary>So many keys are asked for at once.</summary>
    private const int Together = 100;

    /// <summary>The scores are of other replicas' clocks. What is listed too long is found to be gone; what is dropped too early is not found.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>Lists the keys, and drops what ended.</summary>
    public Task AddAsync(IDatabase database, IEnumerable<RedisKey> keys, TimeSpan lifetime)
    {
        var ends = Score(time.GetUtcNow() + lifetime);
        return Task.WhenAll(
            database.SortedSetAddAsync(index, [.. keys.Select(key => new SortedSetEntry(key.ToString(), ends))]),
            database.SortedSetRemoveRangeByScoreAsync(index, double.NegativeInfinity, Score(time.GetUtcNow() - Skew)));
    }

    public Task RemoveAsync(IDatabase database, RedisKey key) => database.SortedSetRemoveAsync(index, key.ToString());

    /// <summary>What the listed keys hold, those that last longest first.</summary>
    /// <param name="most">So many are looked at.</param>
    public async IAsyncEnumerable<RedisValueWithExpiry> ReadAsync(IDatabase database, int most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var keys = await database.SortedSetRangeByScoreAsync(index, Score(time.GetUtcNow() - Skew), order: Order.Descending, take: most)
            .WaitAsync(RedisAccess.CommandTimeout, time, cancellationToken).ConfigureAwait(false);
        foreach (var some in keys.Chunk(Together))
        {
            var values = await Task.WhenAll(some.Select(key => database.StringGetWithExpiryAsync(key.ToString())))
                .WaitAsync(RedisAccess.CommandTimeout, time, cancellationToken).ConfigureAwait(false);
            foreach (var value in values)
                yield return value;
        }
    }

    private static double Score(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
