using System.Buffers.Binary;

namespace Router.Core.Telemetry;

/// <summary>
/// UUIDs of version 7 for requests and their attempts. They name and sort, they guard nothing; so their 74 random bits come
/// from a generator in the process, where <see cref="Guid.CreateVersion7()"/> asks the operating system for each.
/// </summary>
public static class RequestIds
{
    private const int Size = 16;

    /// <summary>
    /// The id of a request's numbered part: the same for the same part whoever asks, so that what is written of it by two hands, at two times, is
    /// one thing.
    /// </summary>
    /// <param name="request">The id of the request, of version 7.</param>
    public static Guid OfPart(Guid request, DateTimeOffset at, int number)
    {
        Span<byte> bytes = stackalloc byte[Size];
        request.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (at.ToUnixTimeMilliseconds() << 16) | 0x7000L | (uint)(number & 0x0FFF));
        return new Guid(bytes, bigEndian: true);
    }

    public static Guid New(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[Size];
        Random.Shared.NextBytes(bytes[6..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (at.ToUnixTimeMilliseconds() << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]));
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }
}
