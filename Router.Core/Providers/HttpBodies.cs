using System.Net.Http.Headers;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>Reads providers' answers within bounds: what they send is not trusted to be of sane size.</summary>
public static class HttpBodies
{
    public const int LargestAnswer = 64 * 1024 * 1024;
    public const int LargestError = 64 * 1024;

    /// <summary>More than this is read, and gone through, on the thread pool: it takes longer than those may wait whom a polling thread polls for.</summary>
    private const int LargestInline = 64 * 1024;

    /// <summary>What may follow a complete answer.</summary>
    private const int LargestRest = 64 * 1024;

    private const int Unannounced = 16 * 1024;

    private static readonly string[] RequestIdHeaders = ["x-request-id", "request-id", "x-correlation-id", "mistral-correlation-id", "x-goog-request-id"];

    /// <summary>The body, or for an error as much of it as <paramref name="limit"/> allows.</summary>
    /// <exception cref="ProviderException">A successful answer is larger than the limit, or shorter than it announced.</exception>
    /// <param name="clock">Told of every piece that is not the last, so that a body that comes slowly but steadily is not taken for silence.</param>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken, AttemptClock? clock = null)
    {
        (byte[] shared, int length) = await ReadSharedAsync(response, limit, cancellationToken, clock).ConfigureAwait(false);
        byte[] body = shared.AsSpan(0, length).ToArray();
        SharedBytes.Return(shared);
        return body;
    }

    /// <summary>As <see cref="ReadAsync"/>, at the beginning of an array of <see cref="SharedBytes"/>.</summary>
    public static async ValueTask<(byte[] Shared, int Length)> ReadSharedAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken, AttemptClock? clock = null)
    {
        await using Stream stream = response.Content.ReadAsStream(cancellationToken);
        int announced = (int)Math.Min(response.Content.Headers.ContentLength ?? 0, limit);
        // A body that is as long as announced has its end right behind it: there is room to find it.
        byte[] buffer = SharedBytes.Rent(announced > 0 ? announced + 1 : Unannounced);
        int length = 0;
        int hopped = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                if (length > LargestInline)
                {
                    // The last piece may have been waited for, and come on a polling thread.
                    await PoolThread.Switch();
                }

                return (buffer, length);
            }

            length += read;
            if (length - hopped > LargestInline)
            {
                await PoolThread.Yield();
                hopped = length;
            }

            if (length != announced)
            {
                clock?.Progress();
            }

            // At the limit the buffer is full and is made no larger: whether anything follows is read elsewhere.
            if (length > limit || (length == limit && length == buffer.Length && await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0))
            {
                return response.IsSuccessStatusCode
                    ? throw new ProviderException(FailureClass.Transient, "The provider's answer is larger than is allowed.") { Status = (int)response.StatusCode }
                    : (buffer, limit);
            }

            if (length == buffer.Length && length < limit)
            {
                byte[] larger = SharedBytes.Rent((int)Math.Min(length * 2L, limit));
                buffer.CopyTo(larger, 0);
                SharedBytes.Return(buffer);
                buffer = larger;
            }
        }
    }

    /// <summary>
    /// Reads the end of a body whose content is complete, so that its connection can serve the next request. Usually it
    /// is there already; a provider that keeps the connection open is not waited for.
    /// </summary>
    public static async Task EndAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMilliseconds(50));
        try
        {
            byte[] rest = new byte[1024];
            int read = 1;
            for (int all = 0; read > 0 && all < LargestRest; all += read)
            {
                read = await stream.ReadAsync(rest, patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // The answer is complete; only the connection is lost.
        }
    }

    /// <summary>The provider's own id of the request, for its support; short, plain and no key, or not at all.</summary>
    /// <param name="keys">Those it may have been told.</param>
    internal static string? RequestId(HttpResponseMessage response, params ReadOnlySpan<Secret?> keys)
    {
        foreach (string name in RequestIdHeaders)
        {
            if (response.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
            {
                foreach (string value in values)
                {
                    if (ProviderWords.Token(value, keys) is { } id)
                    {
                        return id;
                    }

                    break;
                }
            }
        }

        return null;
    }
}
