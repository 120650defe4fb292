using System.Text;

namespace Router.Tests.Support;

/// <summary>Gives one piece after each pause of the test's clock, then ends.</summary>
internal sealed class PacedStream(string[] pieces, TimeSpan pause, TimeProvider time) : Stream
{
    private int _next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_next == pieces.Length)
        {
            return 0;
        }

        await Task.Delay(pause, time, cancellationToken);
        return Encoding.UTF8.GetBytes(pieces[_next++], buffer.Span);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
