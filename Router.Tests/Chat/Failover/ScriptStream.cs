using System.Text;

namespace Router.Tests.Chat.Failover;

/// <summary>A body by script: what is sent, how long nothing is, and how it ends.</summary>
/// <param name="steps">A text, a pause of the test's clock, or an exception.</param>
internal sealed class ScriptStream(IEnumerable<object> steps, TimeProvider time) : Stream
{
    private readonly IEnumerator<object> _steps = steps.GetEnumerator();
    private ReadOnlyMemory<byte> _rest;

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
        while (_rest.IsEmpty)
        {
            if (!_steps.MoveNext())
            {
                return 0;
            }

            switch (_steps.Current)
            {
                case string text:
                    _rest = Encoding.UTF8.GetBytes(text);
                    break;
                case TimeSpan pause:
                    await Task.Delay(pause, time, cancellationToken);
                    break;
                case Exception broken:
                    throw broken;
            }
        }

        int read = Math.Min(buffer.Length, _rest.Length);
        _rest[..read].CopyTo(buffer);
        _rest = _rest[read..];
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
