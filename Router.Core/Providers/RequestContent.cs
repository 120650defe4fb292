using System.Net;
using Router.Core.Chat;

namespace Router.Core.Providers;

/// <summary>The JSON body of an attempt. Notes when all of it was given to the connection: before that the provider has not been asked.</summary>
public sealed class RequestContent : HttpContent
{
    private readonly ReadOnlyMemory<byte>[] _pieces;
    private readonly AttemptRecord? _record;

    public RequestContent(byte[] json, AttemptRecord? record)
        : this([json], record)
    {
    }

    /// <param name="pieces">The body in order; must stay as they are until it is sent.</param>
    public RequestContent(ReadOnlyMemory<byte>[] pieces, AttemptRecord? record)
    {
        (_pieces, _record) = (pieces, record);
        Headers.TryAddWithoutValidation("Content-Type", "application/json");
    }

    /// <summary>The same attempt with another body; that this one was read is no sending.</summary>
    public RequestContent With(byte[] json)
    {
        if (_record is not null)
        {
            _record.Sent = false;
        }

        return new(json, _record);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> piece in _pieces)
        {
            await stream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }

        if (_record is not null)
        {
            _record.Sent = true;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        foreach (ReadOnlyMemory<byte> piece in _pieces)
        {
            length += piece.Length;
        }

        return true;
    }
}
