using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;

namespace Router.Core.Limits;

/// <summary>Where a key may be tried. Each counts by itself: a client that calls with a wrong key keeps no administrator of the same address out.</summary>
public enum KeyDoor
{
    /// <summary>What router keys call.</summary>
    Calls,

    /// <summary>What the administrator's key opens too.</summary>
    Administration,

    /// <summary>The Studio's form.</summary>
    SignIn,
}

/// <summary>
/// How many wrong keys were tried, by address and in all, in fixed minutes by this replica's clock. A right key is never looked up here.
/// An address over its limit waits for the next minute. While all of them together are over theirs, whoever failed once waits. Memory
/// is bounded: so many addresses a minute are told apart, and those beyond count in all alone.
/// </summary>
public sealed class FailedKeys(IOptions<LimitOptions> options, TimeProvider time)
{
    /// <summary>How many addresses are told apart in a minute at one door; about a megabyte.</summary>
    public const int MostAddresses = 10_000;

    /// <summary>The Studio's form is filled in by people.</summary>
    public const int MostSignIns = 30;

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly Minute[] _minutes = [new(0), new(0), new(0)];
    private readonly LimitOptions _options = options.Value;

    /// <returns>How long the address has to wait before a key of its is compared with anything; null where it need not.</returns>
    public TimeSpan? Wait(KeyDoor door, IPAddress? address)
    {
        long now = time.GetUtcNow().UtcTicks;
        Minute minute = Current(door, now);
        return minute.Failed == 0 || !minute.Addresses.TryGetValue(Key(address), out Count? count) ? null : Wait(door, minute, count.Failed + 1, now);
    }

    /// <summary>Counts a key that opened nothing.</summary>
    /// <returns>How long its address has to wait now; null where it may try again at once.</returns>
    public TimeSpan? Note(KeyDoor door, IPAddress? address)
    {
        long now = time.GetUtcNow().UtcTicks;
        Minute minute = Current(door, now);
        Interlocked.Increment(ref minute.Failed);
        UInt128 key = Key(address);
        if (!minute.Addresses.TryGetValue(key, out Count? count) && Interlocked.Increment(ref minute.Known) <= MostAddresses)
        {
            count = minute.Addresses.GetOrAdd(key, static _ => new Count());
        }

        return Wait(door, minute, count is null ? 1 : Interlocked.Increment(ref count.Failed), now);
    }

    /// <summary>The addresses told apart at the door in this minute.</summary>
    internal int Known(KeyDoor door) => Current(door, time.GetUtcNow().UtcTicks).Addresses.Count;

    private TimeSpan? Wait(KeyDoor door, Minute minute, long failed, long now)
    {
        long own = _options.FailedKeysPerMinute;
        if (door == KeyDoor.SignIn && own > 0)
        {
            own = Math.Min(own, MostSignIns);
        }

        bool over = (own > 0 && failed > own) || (_options.FailedKeysInAllPerMinute > 0 && minute.Failed > _options.FailedKeysInAllPerMinute);
        return over ? TimeSpan.FromTicks(((minute.Index + 1) * s_window.Ticks) - now) : null;
    }

    private Minute Current(KeyDoor door, long now)
    {
        ref Minute held = ref _minutes[(int)door];
        Minute minute = Volatile.Read(ref held);
        long index = now / s_window.Ticks;
        if (minute.Index == index)
        {
            return minute;
        }

        var next = new Minute(index);
        Minute before = Interlocked.CompareExchange(ref held, next, minute);
        return ReferenceEquals(before, minute) ? next : before;
    }

    /// <summary>One site of IPv6 is one address: whoever has one has 2^64.</summary>
    private static UInt128 Key(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (address is null || !address.MapToIPv6().TryWriteBytes(bytes, out _))
        {
            return UInt128.Zero;
        }

        UInt128 whole = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return address.IsIPv4MappedToIPv6 || address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? whole : whole >> 64 << 64;
    }

    private sealed class Minute(long index)
    {
        public readonly long Index = index;
        public readonly ConcurrentDictionary<UInt128, Count> Addresses = new();
        public long Failed;
        public int Known;
    }

    private sealed class Count
    {
        public long Failed;
    }
}
