using System.Buffers;
using Router.Core.Chat;

namespace Router.Api.Dialects;

/// <summary>
/// The bytes of a request. Those of middle size come from a pool: arrays beyond 85 KB are large objects, which cost a full
/// collection every few hundred requests.
/// </summary>
public sealed class RequestBuffer
{
    private const int SmallestPooled = 32 * 1024;
    private const int LargestPooled = 16 * 1024 * 1024;

    private byte[] _array;

    public RequestBuffer(int size) => _array = Rent(size);

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    public Memory<byte> Rest(int from) => _array.AsMemory(from);

    public void Grow(int size)
    {
        byte[] larger = Rent(size);
        _array.CopyTo(larger, 0);
        Return();
        _array = larger;
    }

    public void Complete(int start, int end) => Bytes = _array.AsMemory(start, end - start);

    /// <summary>
    /// Gives the bytes back, if nothing can be reading them any more: every attempt sent all of its request. A write that was
    /// given up may still be under way, and would send what the next request puts there.
    /// </summary>
    public void Release(RouteRequest request)
    {
        foreach (AttemptRecord attempt in request.Attempts)
        {
            if (!attempt.Skipped && !attempt.Sent)
            {
                return;
            }
        }

        Bytes = default;
        Return();
        _array = [];
    }

    private static byte[] Rent(int size) =>
        size is >= SmallestPooled and <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private void Return()
    {
        // Arrays of other sizes are not the pool's, and it would not take them.
        if (_array.Length is >= SmallestPooled and <= LargestPooled && int.IsPow2(_array.Length))
        {
            ArrayPool<byte>.Shared.Return(_array);
        }
    }
}
