using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Router.Core.Telemetry;
using StackExchange.Redis;

namespace Router.Core.Limits;

/// <summary>The counters in Redis: one hash and one script call each, so it is Cluster-safe and atomic on Redis and Garnet alike.</summary>
internal sealed class RedisLimitCounter(RedisAccess redis, TimeProvider time) : ILimitCounter
{
    private static readonly string Script = Load();

    /// <summary>The braces are the hash tag: all counters of a workspace live on one node.</summary>
    public static string Key(string workspaceId, string scope, string id, string kind) => $"router:{{limit:{workspaceId}}}:{scope}:{id}:{kind}";

    public async Task<CounterReply> ExchangeAsync(string key, CounterDraw draw)
    {
        // A draw serves many requests and belongs to the trace of none.
        using var quiet = QuietScope.Begin();
        var multiplexer = await redis.GetAsync(CancellationToken.None).ConfigureAwait(false)
            ?? throw new RedisException("No Redis is configured.");
        // Else the command would wait in the client's backlog, and count in a window it was not meant for.
        if (!multiplexer.IsConnected)
            throw new RedisException("Redis is not connected.");
        var length = (long)draw.Rule.Window.TotalMilliseconds;
        RedisValue[] arguments = [draw.Rule.Amount, length, Phase(key, length), draw.Need, draw.Want, draw.Charge, draw.Give, draw.GiveWindow, draw.Next, draw.ChargedIn, draw.Origin];
        var reply = await RedisSpans.RunAsync(
            "EVALSHA",
            (database: multiplexer.GetDatabase(), keys: new RedisKey[] { key }, arguments),
            static state => state.database.ScriptEvaluateAsync(Script, state.keys, state.arguments),
            RedisAccess.CommandTimeout,
            time,
            CancellationToken.None).ConfigureAwait(false);
        var values = (long[])reply!;
        return new(values[0], values[1], values[2], TimeSpan.FromMilliseconds(values[3]), TimeSpan.FromMilliseconds(values[4]));
    }

    /// <summary>Shifts each counter's windows, the same on every replica, so that they do not all begin at once.</summary>
    internal static long Phase(string key, long length) => (long)(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))) % (ulong)length);

    private static string Load()
    {
        using var stream = typeof(RedisLimitCounter).Assembly.GetManifestResourceStream("limit.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
