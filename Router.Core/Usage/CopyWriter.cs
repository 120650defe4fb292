using System.Buffers.Binary;
using System.Text;

namespace Router.Core.Usage;

/// <summary>
/// Writes rows in PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"),
/// a whole batch at once: the library's importer awaits each field, which costs a hundred times as much.
/// </summary>
internal sealed class CopyWriter
{
    public const long MicrosecondsToEpoch = 946_684_800_000_000;

    /// <summary>Where the first row begins.</summary>
    public const int HeaderLength = 19;

    /// <summary>A number is written in groups of so many digits, each a number below the base.</summary>
    public const int DigitsPerGroup = 4;

    public const int Base = 10_000;

    private const int LargestKept = 8 * 1024 * 1024;

    /// <summary>Enough for a thousand rows of usual length: an array that grows leaves large objects behind.</summary>
    private byte[] _rows = GC.AllocateUninitializedArray<byte>(384 * 1024);
    private int _length;

    public CopyWriter() => Begin();

    /// <summary>Starts a batch anew, in the memory of the last one unless that was unusually large.</summary>
    /// <returns>Whether this writer may be used for it.</returns>
    public bool TryReset()
    {
        if (_rows.Length > LargestKept)
        {
            return false;
        }

        _length = 0;
        Begin();
        return true;
    }

    private void Begin()
    {
        Bytes("PGCOPY\n"u8);
        Bytes([0xff, (byte)'\r', (byte)'\n', 0]);
        Int32(0);
        Int32(0);
    }

    public ReadOnlyMemory<byte> Written => _rows.AsMemory(0, _length);

    /// <summary>Ends the batch.</summary>
    public void Finish() => Int16(-1);

    /// <summary>Takes back what was written since the batch had this length.</summary>
    public void Truncate(int length) => _length = length;

    public void StartRow(short fields) => Int16(fields);

    public void Null() => Int32(-1);

    public void Uuid(Guid value)
    {
        Int32(16);
        value.TryWriteBytes(Take(16), bigEndian: true, out _);
    }

    public void Timestamp(DateTimeOffset value)
    {
        Int32(8);
        Int64((value.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond - MicrosecondsToEpoch);
    }

    public void Boolean(bool value)
    {
        Int32(1);
        Take(1)[0] = value ? (byte)1 : (byte)0;
    }

    public void Integer(int? value)
    {
        if (value is not { } number)
        {
            Null();
            return;
        }

        Int32(4);
        Int32(number);
    }

    public void BigInteger(long? value)
    {
        if (value is not { } number)
        {
            Null();
            return;
        }

        Int32(8);
        Int64(number);
    }

    /// <summary>Postgres holds no NUL in a text; a caller or a provider may send one.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        value = value.Contains('\0', StringComparison.Ordinal) ? value.Replace('\0', '\uFFFD') : value;
        int length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>Groups of four decimal digits, the first one's weight, the sign, and how many digits follow the point.</summary>
    public void Numeric(decimal? value)
    {
        if (value is not { } number)
        {
            Null();
            return;
        }

        int scale = number.Scale;
        Int128 unscaled = Unscaled(number);
        // The point falls between groups: the last one is filled up with zeros.
        int padding = (DigitsPerGroup - scale % DigitsPerGroup) % DigitsPerGroup;
        for (int i = 0; i < padding; i++)
        {
            unscaled *= 10;
        }

        Span<short> groups = stackalloc short[12];
        int count = 0;
        for (; unscaled > 0; unscaled /= Base)
        {
            groups[count++] = (short)(unscaled % Base);
        }

        Int32(8 + 2 * count);
        Int16((short)count);
        Int16((short)(count - 1 - (scale + padding) / DigitsPerGroup));
        Int16(number < 0 ? (short)0x4000 : (short)0);
        Int16((short)scale);
        for (int i = count - 1; i >= 0; i--)
        {
            Int16(groups[i]);
        }
    }

    private static Int128 Unscaled(decimal number)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(number, bits);
        return ((Int128)(uint)bits[2] << 64) | ((Int128)(uint)bits[1] << 32) | (uint)bits[0];
    }

    private void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    private void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    private void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    private void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int bytes)
    {
        if (_rows.Length - _length < bytes)
        {
            Array.Resize(ref _rows, Math.Max(checked(_length + bytes), _rows.Length * 2));
        }

        _length += bytes;
        return _rows.AsSpan(_length - bytes, bytes);
    }
}
