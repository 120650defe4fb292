using System.Runtime.CompilerServices;

namespace Router.Core.Wire;

/// <summary>
/// Reads server-sent events from a stream, whatever the chunk boundaries: LF, CRLF and CR end a line, comments and
/// unknown fields are skipped, several data lines join with LF. Not thread-safe. The stream belongs to the caller.
/// </summary>
public sealed class SseReader(Stream stream, int maxEventBytes = 16 * 1024 * 1024)
{
    private byte[] _buffer = new byte[8 * 1024];
    private int _start;
    private int _end;
    private int _scanned;
    private bool _begun;
    private bool _ended;
    private bool _skipLineFeed;
    private byte[] _data = [];
    private int _dataLength;
    private bool _hasData;
    private string? _event;
    private Turn _turn;

    /// <summary>The data of the event just read; owned by the caller.</summary>
    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>The event's name, where it has one.</summary>
    public string? EventName { get; private set; }

    /// <summary>Moves to the next event that has data. False at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">An event is larger than allowed.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken) =>
        _turn.IsOver() ? YieldAsync(cancellationToken)
        : TryRead() ? new(true)
        // A last event without its blank line counts: some providers close right after it.
        : _ended ? new(Dispatch())
        : ReadMoreAsync(cancellationToken);

    /// <summary>A provider that sends faster than its answer is read holds up nobody else.</summary>
    private async ValueTask<bool> YieldAsync(CancellationToken cancellationToken)
    {
        await PoolThread.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return await ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nearly every event of a stream has to be waited for, so this is the one state machine between it and the socket's.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadMoreAsync(CancellationToken cancellationToken)
    {
        while (!_ended)
        {
            ValueTask<int> reading = stream.ReadAsync(Room(), cancellationToken);
            bool waits = !reading.IsCompleted;
            int read = await reading.ConfigureAwait(false);
            _ended = read == 0;
            _end += read;
            if (waits)
            {
                _turn.Begin();
            }
            else if (_turn.IsOver(read))
            {
                await PoolThread.Yield();
            }

            if (TryRead())
            {
                return true;
            }
        }

        return Dispatch();
    }

    /// <summary>Moves to the next event of which all is here.</summary>
    private bool TryRead()
    {
        while (TryReadLine(out ReadOnlySpan<byte> line))
        {
            if (!line.IsEmpty)
            {
                Field(line);
            }
            else if (Dispatch())
            {
                return true;
            }
        }

        return false;
    }

    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        if (!_begun && !Begin())
        {
            line = default;
            return false;
        }

        if (_skipLineFeed && _start < _end)
        {
            _skipLineFeed = false;
            if (_buffer[_start] == '\n')
            {
                _start++;
                _scanned = Math.Max(_scanned, _start);
            }
        }

        int from = Math.Max(_scanned, _start);
        int found = _buffer.AsSpan(from, _end - from).IndexOfAny((byte)'\n', (byte)'\r');
        if (found < 0)
        {
            _scanned = _end;
            if (_ended && _start < _end)
            {
                line = _buffer.AsSpan(_start, _end - _start);
                _start = _end;
                return true;
            }

            line = default;
            return false;
        }

        int at = from + found;
        line = _buffer.AsSpan(_start, at - _start);
        _skipLineFeed = _buffer[at] == '\r';
        _start = at + 1;
        _scanned = _start;
        return true;
    }

    /// <summary>Passes over the mark that may stand at the very beginning. False while its bytes are not all here.</summary>
    private bool Begin()
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        ReadOnlySpan<byte> here = _buffer.AsSpan(_start, Math.Min(_end - _start, mark.Length));
        if (here.Length < mark.Length && !_ended && mark.StartsWith(here))
        {
            return false;
        }

        _start += here.SequenceEqual(mark) ? mark.Length : 0;
        return _begun = true;
    }

    private void Field(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? line : line[..colon];
        ReadOnlySpan<byte> value = colon < 0 ? default : line[(colon + 1)..];
        if (value is [(byte)' ', ..])
        {
            value = value[1..];
        }

        if (name.SequenceEqual("data"u8))
        {
            AppendData(value);
        }
        else if (name.SequenceEqual("event"u8))
        {
            _event = System.Text.Encoding.UTF8.GetString(value);
        }
    }

    private void AppendData(ReadOnlySpan<byte> value)
    {
        if (!_hasData)
        {
            _data = value.ToArray();
            _dataLength = value.Length;
            _hasData = true;
            return;
        }

        int needed = _dataLength + 1 + value.Length;
        if (needed > maxEventBytes)
        {
            throw new InvalidDataException("A server-sent event is larger than allowed.");
        }

        if (needed > _data.Length)
        {
            Array.Resize(ref _data, Math.Max(needed, Math.Min(_data.Length * 2, maxEventBytes)));
        }

        _data[_dataLength] = (byte)'\n';
        value.CopyTo(_data.AsSpan(_dataLength + 1));
        _dataLength = needed;
    }

    private bool Dispatch()
    {
        bool dispatched = _hasData;
        if (dispatched)
        {
            Data = _data.AsMemory(0, _dataLength);
            EventName = _event;
        }

        _data = [];
        _dataLength = 0;
        _hasData = false;
        _event = null;
        return dispatched;
    }

    /// <summary>Where the next bytes go, behind what is not read yet.</summary>
    private Memory<byte> Room()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _scanned -= _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= maxEventBytes)
            {
                throw new InvalidDataException("A server-sent event is larger than allowed.");
            }

            Array.Resize(ref _buffer, (int)Math.Min((long)_buffer.Length * 2, maxEventBytes));
        }

        return _buffer.AsMemory(_end);
    }
}
