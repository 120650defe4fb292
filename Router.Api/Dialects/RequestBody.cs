using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Router.Api.Hosting;
using Router.Core;
using Router.Core.Failures;

namespace Router.Api.Dialects;

/// <summary>Reads request bodies into memory, up to <c>Router:MaxRequestBytes</c> (default 16 MiB).</summary>
public sealed class RequestBody(IConfiguration configuration)
{
    private const int Smallest = 4096;

    /// <summary>More than this is read, and gone through, on the thread pool: it takes longer than those may wait whom a polling thread polls for.</summary>
    private const int LargestInline = 64 * 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    private readonly int _limit = configuration.GetValue("Router:MaxRequestBytes", 16 * 1024 * 1024);

    /// <exception cref="RouterException">The body is too large, or breaks off.</exception>
    public ValueTask<RequestBuffer> ReadAsync(HttpContext context) =>
        TryReadAtOnce(context.Request) is { } whole ? new(whole) : new(ReadPiecesAsync(context));

    private static RouterException Unreadable(BadHttpRequestException e) => new(
        e.StatusCode == StatusCodes.Status408RequestTimeout
            ? new RouterError(408, "request_timeout", "timeout_error", "The request body came too slowly.")
            : RouterError.InvalidRequest("The request body could not be read."),
        e);

    /// <summary>A body that came with its headers, as most do, is there already.</summary>
    private RequestBuffer? TryReadAtOnce(HttpRequest request)
    {
        if (request.ContentLength is not { } announced || announced > Math.Min(LargestInline, _limit))
        {
            return null;
        }

        ReadResult read;
        try
        {
            if (!request.BodyReader.TryRead(out read))
            {
                return null;
            }
        }
        catch (BadHttpRequestException e)
        {
            throw Unreadable(e);
        }

        ReadOnlySequence<byte> bytes = read.Buffer;
        if (read.IsCanceled || bytes.Length != announced)
        {
            // What is there already is given again.
            request.BodyReader.AdvanceTo(bytes.Start);
            return null;
        }

        var buffer = new RequestBuffer((int)announced);
        bytes.CopyTo(buffer.Rest(0).Span);
        request.BodyReader.AdvanceTo(bytes.End);
        return Complete(buffer, (int)announced);
    }

    private static RequestBuffer Complete(RequestBuffer buffer, int length)
    {
        buffer.Complete(buffer.Rest(0).Span[..length].StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0, length);
        return buffer;
    }

    private async Task<RequestBuffer> ReadPiecesAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // Counted here, where the answer can be our own error.
            feature.MaxRequestBodySize = null;
        }

        try
        {
            return await ReadAsync(context.Request, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            throw Unreadable(e);
        }
    }

    private async Task<RequestBuffer> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        long announced = request.ContentLength ?? 0;
        var buffer = new RequestBuffer(announced > _limit ? Smallest : (int)Math.Max(announced, Smallest));
        int length = 0;
        int hopped = 0;
        while (true)
        {
            ServerBlocks.ExpectMuch(ExpectsMuch(announced, length));
            ReadResult read = await request.BodyReader.ReadAsync(cancellationToken);
            ServerBlocks.ExpectMuch(false);
            ReadOnlySequence<byte> bytes = read.Buffer;
            if (announced > _limit || length + bytes.Length > _limit)
            {
                request.BodyReader.AdvanceTo(bytes.End);
                await DrainAsync(request, read.IsCompleted, cancellationToken);
                throw new RouterException(RouterError.TooLarge(_limit));
            }

            if (length + (int)bytes.Length > buffer.Rest(0).Length)
            {
                buffer.Grow((int)Math.Min(Math.Max(length * 2L, length + bytes.Length), _limit));
            }

            bytes.CopyTo(buffer.Rest(length).Span);
            length += (int)bytes.Length;
            request.BodyReader.AdvanceTo(bytes.End);
            if (read.IsCompleted)
            {
                if (length > LargestInline)
                {
                    // The last piece may have been waited for, and come on a polling thread.
                    await PoolThread.Switch();
                }

                return Complete(buffer, length);
            }

            if (length - hopped > LargestInline)
            {
                await PoolThread.Yield();
                hopped = length;
            }
        }
    }

    /// <summary>A request that does not say its length is taken to be as long again as it is by now.</summary>
    private static bool ExpectsMuch(long announced, int length) =>
        (announced > 0 ? announced - length : length) >= ServerBlocks.LargeBlockSize / 2;

    /// <summary>Lets a client that is still sending finish, within reason: many never read an answer that comes before.</summary>
    private async Task DrainAsync(HttpRequest request, bool completed, CancellationToken cancellationToken)
    {
        long left = 4L * _limit;
        while (left > 0 && !completed)
        {
            ReadResult read = await request.BodyReader.ReadAsync(cancellationToken);
            left -= read.Buffer.Length;
            completed = read.IsCompleted;
            request.BodyReader.AdvanceTo(read.Buffer.End);
            await PoolThread.Yield();
        }
    }
}
