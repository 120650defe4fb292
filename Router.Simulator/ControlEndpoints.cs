using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Router.Simulator.Faults;
using Router.Simulator.Journal;

namespace Router.Simulator;

/// <summary>The simulator's own endpoints under <c>/_simulator</c>: help, journal and key scripts.</summary>
internal static class ControlEndpoints
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Map(WebApplication app)
    {
        var control = app.MapGroup("/_simulator");
        control.MapGet("", () => Json(SelfDescription.Build()));
        control.MapGet("/journal", ReadJournal);
        control.MapDelete("/journal", ClearJournal);
        control.MapPut("/keys/{**key}", PutScriptAsync);
        control.MapDelete("/keys/{**key}", DeleteScript);
        control.MapFallback("{**rest}", () => Results.NotFound());
    }

    private static IResult ReadJournal(RequestJournal journal, string? key, string? provider, long? after) => Json(new JsonArray(
        [.. journal.Snapshot()
            .Where(e => (key is null || e.Key == key) && (provider is null || e.Provider == provider) && e.Sequence > (after ?? 0))
            .Select(JournalView.Of)]));

    private static IResult ClearJournal(RequestJournal journal)
    {
        journal.Clear();
        return Results.NoContent();
    }

    private static async Task<IResult> PutScriptAsync(string key, HttpRequest request, FaultBook book)
    {
        try
        {
            if (await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted) is not JsonObject script)
                return Refused("A script is a JSON object.");
            book.Put(key, script);
            return Results.NoContent();
        }
        catch (JsonException e)
        {
            return Refused(e.Message);
        }
    }

    private static IResult DeleteScript(FaultBook book, string? key)
    {
        if (string.IsNullOrEmpty(key))
            book.Clear();
        else
            book.Remove(key);
        return Results.NoContent();
    }

    private static IResult Refused(string message) =>
        Json(new JsonObject { ["error"] = new JsonObject { ["message"] = $"simulate: {message}" } }, StatusCodes.Status400BadRequest);

    private static IResult Json(JsonNode node, int status = StatusCodes.Status200OK) =>
        Results.Text(node.ToJsonString(Readable), "application/json", System.Text.Encoding.UTF8, status);
}
