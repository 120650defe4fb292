using System.Buffers;
using System.Diagnostics;

namespace Router.Core.Wire;

/// <summary>
/// Arrays that are used again. Fresh memory is memory that no cache has, and arrays beyond 85 KB are large objects, which cost a full
/// collection every few hundred requests. What is not returned is collected like any other.
/// </summary>
public static class SharedBytes
{
    private const int Largest = 16 * 1024 * 1024;

    /// <summary>An array of at least this size; what it holds is somebody else's.</summary>
    public static byte[] Rent(int size) => size <= Largest ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    /// <summary>Only by who knows that nobody reads it any more, and once.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= Largest)
        {
            Spoil(array);
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    /// <summary>Whoever still reads it is to be found out by tests.</summary>
    [Conditional("DEBUG")]
    private static void Spoil(byte[] array) => array.AsSpan().Fill(0xFF);
}
