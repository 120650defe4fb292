using Microsoft.AspNetCore.Http.Features;
using Router.Core.Failures;

namespace Router.Api.Dialects;

/// <summary>Reads request bodies into memory, up to <c>Router:MaxRequestBytes</c> (default 16 MiB).</summary>
public sealed class RequestBody(IConfiguration configuration)
{
    private const int ByteOrderMark = 3;

    private readonly int _limit = configuration.GetValue("Router:MaxRequestBytes", 16 * 1024 * 1024);

    /// <exception cref="RouterException">The body is too large, or breaks off.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
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
            throw new RouterException(
                e.StatusCode == StatusCodes.Status408RequestTimeout
                    ? new RouterError(408, "request_timeout", "timeout_error", "The request body came too slowly.")
                    : RouterError.InvalidRequest("The request body could not be read."),
                e);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        long announced = request.ContentLength ?? 0;
        byte[] buffer = new byte[announced > _limit ? 4096 : Math.Max(announced, 4096) + 1];
        int length = 0;
        while (true)
        {
            int read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return WithoutMark(buffer.AsMemory(0, length));
            }

            length += read;
            if (length > _limit || announced > _limit)
            {
                await DrainAsync(request, buffer, cancellationToken);
                throw new RouterException(RouterError.TooLarge(_limit));
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, _limit + 1L));
            }
        }
    }

    /// <summary>Lets a client that is still sending finish, within reason: many never read an answer that comes before.</summary>
    private async Task DrainAsync(HttpRequest request, byte[] buffer, CancellationToken cancellationToken)
    {
        long left = 4L * _limit;
        while (left > 0 && await request.Body.ReadAsync(buffer, cancellationToken) is > 0 and int read)
        {
            left -= read;
        }
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith("\uFEFF"u8) ? body[ByteOrderMark..] : body;
}
