using System.Text;
using System.Text.Json;
using Router.Simulator.Vendors;

namespace Router.Simulator.Faults;

/// <summary>Writes the events of a stream, one flush each, and whatever the fault makes of them.</summary>
internal sealed class FaultyStream(Exchange exchange)
{
    private readonly Fault _fault = exchange.Fault;
    private int _content;
    private bool _begun;
    private bool _malformed;

    public async Task SendAsync(IEnumerable<StreamEvent> events)
    {
        var response = exchange.Http.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        await response.StartAsync(exchange.Gone);
        var scripted = _fault.TouchesStream;
        foreach (var next in events)
        {
            exchange.Gone.ThrowIfCancellationRequested();
            if (scripted && await InterfereAsync(next))
                return;
            await WriteAsync(next.Text);
            if (next.Part is Part.Content)
                exchange.Entry.ChunksSent = ++_content;
        }

        exchange.AnsweredInFull();
    }

    /// <summary>True when the stream ends here.</summary>
    private async Task<bool> InterfereAsync(StreamEvent next)
    {
        if (IsErrorDue(next.Part))
        {
            await WriteAsync(ErrorText());
            return true;
        }

        if (next.Part is Part.Head)
            return false;
        if (_fault.StallAfterChunks is { } stall && (_content >= stall || next.Part is Part.Tail))
            await exchange.StallAsync();
        if (_fault.CutAfterChunks is { } cut && (_content >= cut || next.Part is Part.Tail))
        {
            await EndEarlyAsync();
            return true;
        }

        if (next.Part is Part.Between)
            return false;
        await exchange.DelayAsync(_begun ? _fault.DelayBetweenChunksMs : _fault.DelayBeforeFirstTokenMs);
        _begun = true;
        if (_fault.MalformedLine && !_malformed && (_content == 1 || next.Part is Part.Tail))
        {
            _malformed = true;
            await WriteAsync("data: {oops\n\n");
        }

        if (_fault.CutMidChunk && (_content >= _fault.AfterChunks || next.Part is Part.Tail))
        {
            await WriteAsync(next.Text[..(next.Text.Length / 2)]);
            await exchange.CutAsync();
            return true;
        }

        return false;
    }

    private bool IsErrorDue(Part part)
    {
        if (_fault.ErrorEvent is not { ValueKind: not JsonValueKind.False and not JsonValueKind.Null })
            return false;
        if (_fault.ErrorAfterRole)
            return part is not Part.Head;
        return _fault.ErrorAfterChunks == 0 || _content >= _fault.ErrorAfterChunks || part is Part.Tail;
    }

    private string ErrorText()
    {
        var isAnthropic = Dialects.Name(exchange.Operation, exchange.Vendor, exchange.Path) == "anthropic";
        var vendor = isAnthropic ? AnthropicVendor.Anthropic : exchange.Vendor;
        var json = _fault.ErrorEvent is { ValueKind: JsonValueKind.Object } own
            ? own.GetRawText()
            : vendor.StreamError(vendor.OfStatus(_fault.Status ?? vendor.StreamErrorStatus));
        return isAnthropic ? $"event: error\ndata: {json}\n\n" : $"data: {json}\n\n";
    }

    private async Task EndEarlyAsync()
    {
        if (_fault.Clean)
            exchange.MarkUnfinished();
        else
            await exchange.CutAsync();
    }

    private async Task WriteAsync(string text)
    {
        var writer = exchange.Http.Response.BodyWriter;
        if (_fault.SplitUtf8)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var lead = bytes.AsSpan().IndexOfAnyInRange((byte)0xC0, (byte)0xFF);
            await writer.WriteAsync(bytes.AsMemory(0, lead + 1), exchange.Gone);
            // Long enough that the halves arrive as two reads.
            if (lead >= 0)
                await exchange.DelayAsync(5);
            await writer.WriteAsync(bytes.AsMemory(lead + 1), exchange.Gone);
            return;
        }

        Encoding.UTF8.GetBytes(text, writer);
        await writer.FlushAsync(exchange.Gone);
    }
}
