using System.IO.Compression;
using System.Net;
using Router.Core.Failures;

namespace Router.Core.Providers;

/// <summary>
/// Answers that come compressed although nobody asked: some gateways do it all the same. They are read as what they hold, within
/// a bound, as a kilobyte may hold a megabyte. An encoding that is not known, or several over each other, is a failure of the provider's.
/// </summary>
internal static class EncodedAnswer
{
    private const string Header = "Content-Encoding";

    /// <summary>Most that is made of one answer, a stream included; no answer of a model is near it.</summary>
    public const long Most = HttpBodies.LargestAnswer;

    /// <summary>Costs one look at the headers where nothing is encoded.</summary>
    /// <exception cref="ProviderException">The encoding is not one that is read.</exception>
    public static void Decode(HttpResponseMessage response)
    {
        if (!response.Content.Headers.NonValidated.TryGetValues(Header, out var values))
        {
            return;
        }

        string[] encodings = [.. values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Where(name => !name.Equals("identity", StringComparison.OrdinalIgnoreCase))];
        if (encodings.Length == 0)
        {
            return;
        }

        if (encodings.Length > 1 || Decoder(encodings[0]) is not { } decoder)
        {
            throw new ProviderException(FailureClass.Transient, "The provider's answer is encoded in a way that the router does not read.") { Status = (int)response.StatusCode };
        }

        response.Content = new DecodedContent(response.Content, decoder);
    }

    private static Func<Stream, Stream>? Decoder(string encoding) => encoding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => static stream => new GZipStream(stream, CompressionMode.Decompress),
        "br" => static stream => new BrotliStream(stream, CompressionMode.Decompress),
        "deflate" => static stream => new ZLibStream(stream, CompressionMode.Decompress),
        _ => null,
    };

    private sealed class DecodedContent : HttpContent
    {
        private readonly HttpContent _encoded;
        private readonly Func<Stream, Stream> _decoder;

        public DecodedContent(HttpContent encoded, Func<Stream, Stream> decoder)
        {
            (_encoded, _decoder) = (encoded, decoder);
            foreach (var header in encoded.Headers.NonValidated)
            {
                if (!header.Key.Equals(Header, StringComparison.OrdinalIgnoreCase) && !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                {
                    Headers.TryAddWithoutValidation(header.Key, header.Value);
                }
            }
        }

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new BoundedStream(_decoder(_encoded.ReadAsStream(cancellationToken)));

        protected override async Task<Stream> CreateContentReadStreamAsync() => new BoundedStream(_decoder(await _encoded.ReadAsStreamAsync().ConfigureAwait(false)));

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Stream decoded = await CreateContentReadStreamAsync().ConfigureAwait(false);
            await using (decoded.ConfigureAwait(false))
            {
                await decoded.CopyToAsync(stream).ConfigureAwait(false);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _encoded.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    /// <summary>What cannot be decoded, and what becomes too much, breaks as a connection does.</summary>
    private sealed class BoundedStream(Stream decoded) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return Count(decoded.Read(buffer));
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                throw Broken();
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return Count(await decoded.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                throw Broken();
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                decoded.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int read)
        {
            _read += read;
            // One more than is allowed may be read, so that whoever counts for itself finds the end first.
            return _read > Most + 1 ? throw new IOException("The decoded answer is larger than is allowed.") : read;
        }

        private static IOException Broken() => new("The answer cannot be decoded.");
    }
}
