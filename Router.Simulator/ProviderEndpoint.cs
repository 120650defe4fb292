using System.Text.Json;
using Router.Simulator.Faults;
using Router.Simulator.Journal;
using Router.Simulator.Keys;
using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator;

/// <summary>The door of every provider: records the request, plays its fault, checks its key, then lets the dialect answer.</summary>
internal sealed class ProviderEndpoint(TimeProvider time, FaultBook faults, RequestJournal journal)
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    public async Task HandleAsync(HttpContext http)
    {
        var vendor = VendorTable.Of((string)http.Request.RouteValues["provider"]!);
        var operation = Operations.Of(http.Request.Method, http.Request.Path.Value ?? "");
        var entry = NewEntry(http.Request, vendor, operation);
        Exchange? exchange = null;
        try
        {
            var body = await ReadBodyAsync(http);
            exchange = Open(http, vendor, operation, entry, body);
            await AnswerAsync(exchange);
            entry.Completed = !exchange.Cut && !http.RequestAborted.IsCancellationRequested;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left; the journal says so.
        }
        catch (IOException)
        {
            // The body broke off; the journal keeps an unfinished entry.
        }
        finally
        {
            entry.Status = http.Response.HasStarted || entry.Completed ? http.Response.StatusCode : 0;
            entry.ClientGone = http.RequestAborted.IsCancellationRequested && exchange?.Cut != true;
            entry.EndedAt = time.GetUtcNow();
        }
    }

    private Exchange Open(HttpContext http, Vendor vendor, Operation operation, JournalEntry entry, byte[] body)
    {
        var isToken = operation is Operation.Token;
        var key = isToken ? OAuth.TokenEndpoint.Account(body) : KeyReader.Read(http.Request, vendor, time);
        entry.Key = JournalView.SafeKey(key);
        if (journal.KeepsBodies)
            entry.Body = body;
        journal.Add(entry);
        return new Exchange(http, vendor, operation, time, entry)
        {
            Key = key,
            Persona = KeyPersona.Of(key),
            RawBody = body,
            Body = body.Length > 0 && !isToken ? Json.ParseObject(body) : null,
        };
    }

    private async Task AnswerAsync(Exchange exchange)
    {
        try
        {
            exchange.Fault = FaultReader.Read(exchange.Http.Request, exchange.Body, exchange.Key, exchange.Operation, faults);
        }
        catch (JsonException e)
        {
            await exchange.FailAsync(new Failure(400, $"simulate: {e.Message}"), Envelopes.OpenAI);
            return;
        }

        if (exchange.Fault.As is { } word)
            exchange.Persona = KeyPersona.OfWord(word);
        exchange.Body?.Remove(FaultReader.Field);
        if (await FaultyResponse.PlayAsync(exchange))
            return;
        AddHeaders(exchange);
        if (KeyCheck.Refusal(exchange) is { } refusal)
            await exchange.FailAsync(refusal);
        else if (exchange.Vendor.RequiredHeader is { } header && exchange.Entry.Dialect == exchange.Vendor.Slug && exchange.Http.Request.Headers[header] is [])
            await exchange.FailAsync(exchange.Vendor.BadRequest($"{header}: header is required"));
        else
            await AnswerInDialectAsync(exchange);
    }

    private static async Task AnswerInDialectAsync(Exchange exchange)
    {
        try
        {
            await Dialects.AnswerAsync(exchange);
        }
        catch (InvalidOperationException e) when (!exchange.Http.Response.HasStarted)
        {
            // A value of another JSON type than the dialect reads.
            await exchange.FailAsync(exchange.Vendor.BadRequest($"Invalid type in the request body: {e.Message}"));
        }
    }

    private static void AddHeaders(Exchange exchange)
    {
        var headers = exchange.Http.Response.Headers;
        headers[exchange.Vendor.RequestIdHeader] = Ids.Next("req_", 24);
        foreach (var (name, value) in exchange.Vendor.Headers)
            headers[name] = value;
        foreach (var (name, value) in exchange.Fault.Headers ?? [])
            headers[name] = value;
    }

    private JournalEntry NewEntry(HttpRequest request, Vendor vendor, Operation operation) => new()
    {
        Sequence = journal.NextSequence(),
        Provider = vendor.Slug,
        Dialect = Dialects.Name(operation, vendor, request.Path.Value ?? ""),
        Method = request.Method,
        Path = request.Path.Value ?? "",
        Protocol = request.Protocol,
        Headers = journal.KeepsBodies ? JournalView.SafeHeaders(request) : NoHeaders,
        StartedAt = time.GetUtcNow(),
    };

    private static async Task<byte[]> ReadBodyAsync(HttpContext http)
    {
        if (http.Request.ContentLength is { } length and < int.MaxValue)
        {
            var body = new byte[length];
            await http.Request.Body.ReadExactlyAsync(body, http.RequestAborted);
            return body;
        }

        using var copy = new MemoryStream();
        await http.Request.Body.CopyToAsync(copy, http.RequestAborted);
        return copy.ToArray();
    }
}
