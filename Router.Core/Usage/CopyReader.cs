using System.Buffers.Binary;
using System.Text;

namespace Router.Core.Usage;

/// <summary>Reads what <see cref="CopyWriter"/> wrote, field by field.</summary>
internal ref struct CopyReader(ReadOnlySpan<byte> rows, int position)
{
    private readonly ReadOnlySpan<byte> _rows = rows;

    public int Position { get; private set; } = position;

    /// <exception cref="InvalidDataException">It is no row of so many fields.</exception>
    public void StartRow(short fields)
    {
        if (BinaryPrimitives.ReadInt16BigEndian(Take(2)) != fields)
        {
            throw new InvalidDataException("A row of another number of fields.");
        }
    }

    public Guid Uuid() => new(Field(), bigEndian: true);

    public DateTimeOffset Timestamp() =>
        DateTimeOffset.UnixEpoch.AddTicks((BinaryPrimitives.ReadInt64BigEndian(Field()) + CopyWriter.MicrosecondsToEpoch) * TimeSpan.TicksPerMicrosecond);

    public bool Boolean() => Field()[0] != 0;

    public int? Integer() => TryField(out ReadOnlySpan<byte> value) ? BinaryPrimitives.ReadInt32BigEndian(value) : null;

    public long? BigInteger() => TryField(out ReadOnlySpan<byte> value) ? BinaryPrimitives.ReadInt64BigEndian(value) : null;

    public string? Text() => TryField(out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : null;

    public decimal? Numeric()
    {
        if (!TryField(out ReadOnlySpan<byte> value))
        {
            return null;
        }

        int count = BinaryPrimitives.ReadInt16BigEndian(value);
        int weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        bool negative = BinaryPrimitives.ReadInt16BigEndian(value[4..]) != 0;
        int scale = BinaryPrimitives.ReadInt16BigEndian(value[6..]);
        Int128 unscaled = 0;
        for (int i = 0; i < count; i++)
        {
            unscaled = unscaled * CopyWriter.Base + BinaryPrimitives.ReadInt16BigEndian(value[(8 + 2 * i)..]);
        }

        // The digits end with the last group; the scale may end before it, or after it where groups of zeros are left out.
        for (int digits = count == 0 ? scale : (count - 1 - weight) * CopyWriter.DigitsPerGroup; digits != scale; digits += Math.Sign(scale - digits))
        {
            unscaled = digits > scale ? unscaled / 10 : unscaled * 10;
        }

        return new decimal((int)(uint)unscaled, (int)(uint)(unscaled >> 32), (int)(uint)(unscaled >> 64), negative, (byte)scale);
    }

    private ReadOnlySpan<byte> Field() => TryField(out ReadOnlySpan<byte> value) ? value : throw new InvalidDataException("A field that must have a value has none.");

    private bool TryField(out ReadOnlySpan<byte> value)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(Take(4));
        value = length < 0 ? default : Take(length);
        return length >= 0;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> taken = _rows.Slice(Position, length);
        Position += length;
        return taken;
    }
}
