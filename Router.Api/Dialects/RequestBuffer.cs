using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Api.Dialects;

/// <summary>The bytes of a request, in an array that is used again.</summary>
public sealed class RequestBuffer
{
    private byte[] _array;

    public RequestBuffer(int size) => _array = SharedBytes.Rent(size);

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    public Memory<byte> Rest(int from) => _array.AsMemory(from);

    public void Grow(int size)
    {
        byte[] larger = SharedBytes.Rent(size);
        _array.CopyTo(larger, 0);
        SharedBytes.Return(_array);
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
        SharedBytes.Return(_array);
        _array = [];
    }
}
