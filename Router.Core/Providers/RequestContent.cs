using System.Net;
using Router.Core.Chat;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>The JSON body of an attempt. Notes when its first byte is given to a connection and when its last was: before the one the provider has not been called, before the other it has not been asked.</summary>
public sealed class RequestContent : HttpContent
{
    /// <summary>A larger body is sent from where its pieces are; a smaller one costs less copied together.</summary>
    private const int LargestCopy = 16 * 1024;

    private readonly ReadOnlyMemory<byte>[] _pieces;
    private readonly int _length;
    private readonly AttemptRecord? _record;

    public RequestContent(byte[] json, AttemptRecord? record)
        : this([json], record)
    {
    }

    /// <param name="pieces">The body in order; must stay as they are until it is sent.</param>
    public RequestContent(ReadOnlyMemory<byte>[] pieces, AttemptRecord? record)
    {
        (_pieces, _record) = (pieces, record);
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            _length = checked(_length + piece.Length);
        }

        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_record is not null)
        {
            _record.Begun = true;
        }

        if (_pieces.Length > 1 && _length <= LargestCopy)
        {
            byte[] shared = SharedBytes.Rent(_length);
            int copied = 0;
            foreach (ReadOnlyMemory<byte> piece in _pieces)
            {
                piece.CopyTo(shared.AsMemory(copied));
                copied += piece.Length;
            }

            await stream.WriteAsync(shared.AsMemory(0, copied), cancellationToken).ConfigureAwait(false);
            // Not after a failure: a write that was given up may still be under way.
            SharedBytes.Return(shared);
        }
        else
        {
            foreach (ReadOnlyMemory<byte> piece in _pieces)
            {
                await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            }
        }

        if (_record is not null)
        {
            _record.Sent = true;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
