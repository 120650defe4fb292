using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Router.Simulator.Faults;
using Router.Simulator.Journal;
using Router.Simulator.Keys;
using Router.Simulator.Vendors;

namespace Router.Simulator;

/// <summary>One request with everything known about it, and the plain ways to answer it.</summary>
internal sealed class Exchange(HttpContext http, Vendor vendor, Operation operation, TimeProvider time, JournalEntry entry)
{
    public HttpContext Http => http;
    public Vendor Vendor => vendor;
    public Operation Operation => operation;
    public TimeProvider Time => time;
    public JournalEntry Entry => entry;
    public string Path { get; } = http.Request.Path.Value ?? "";
    public string? Key { get; init; }
    public KeyPersona Persona { get; set; }
    public Fault Fault { get; set; } = Fault.None;

    /// <summary>Null when the body is absent or not a JSON object.</summary>
    public JsonObject? Body { get; init; }
    public byte[] RawBody { get; init; } = [];

    /// <summary>The script ended the connection; the client did not.</summary>
    public bool Cut { get; private set; }
    public CancellationToken Gone => http.RequestAborted;
    public long UnixTime => time.GetUtcNow().ToUnixTimeSeconds();

    public Task DelayAsync(int milliseconds) =>
        milliseconds > 0 ? Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, Gone) : Task.CompletedTask;

    public Task StallAsync() => Task.Delay(Timeout.InfiniteTimeSpan, time, Gone);

    /// <summary>Breaks the connection after what was flushed has had time to leave.</summary>
    public async Task CutAsync()
    {
        await DelayAsync(25);
        Cut = true;
        http.Abort();
    }

    public void MarkUnfinished() => Cut = true;

    /// <summary>The model has made its answer: from here on there is something to bill.</summary>
    public void Worked(Talk.Reply reply, int choices = 1) =>
        entry.Usage = new(reply.PromptTokens, reply.CachedTokens, reply.CompletionTokens * choices, reply.ReasoningTokens);

    /// <summary>All of an answer has left.</summary>
    public void AnsweredInFull() => entry.UsageTold = entry.Usage is not null && !Fault.NoUsage;

    public Task FailAsync(Failure failure, Func<Failure, string>? envelope = null)
    {
        if (failure.RetryAfterSeconds is { } seconds && vendor.RetryAfterHeader)
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return SendAsync(failure.Status, "application/json", (envelope ?? vendor.Envelope)(failure));
    }

    /// <summary>A whole body, or what the fault leaves of it.</summary>
    public async Task JsonAsync(string json)
    {
        await DelayAsync(Fault.DelayBeforeFirstTokenMs);
        if (Fault.MalformedLine)
            json = json[..(json.Length / 2)] + "{oops";
        var cuts = Fault.CutMidChunk || (Fault.CutAfterChunks is not null && !Fault.Clean);
        if (!cuts && Fault.StallAfterChunks is null)
        {
            await SendAsync(StatusCodes.Status200OK, "application/json", json);
            if (!Fault.MalformedLine)
                AnsweredInFull();
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(json);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), Gone);
        await http.Response.Body.FlushAsync(Gone);
        await (cuts ? CutAsync() : StallAsync());
    }

    public async Task SendAsync(int status, string contentType, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, Gone);
    }
}
