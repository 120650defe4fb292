using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <param name="Journal">The requests the provider received.</param>
public sealed record FaultOutcome(int Status, HttpResponseHeaders Headers, string Body, TimeSpan Took, IReadOnlyList<JsonObject> Journal);

/// <summary>
/// Runs every cell once, many at a time, through the API over HTTP. Cells that wait for one of our limits go to an API whose
/// limits are short; the others to one whose limits cannot fire on a busy machine.
/// </summary>
public sealed partial class FaultRun : IAsyncLifetime
{
    /// <summary>Cells know nothing of each other.</summary>
    private static readonly (string, string) Apart = ("Router:Fallback:BreakAfter", "0");

    private static readonly (string, string)[] Hasty =
        [Apart, ("Router:Timeouts:Header", "00:00:02"), ("Router:Timeouts:FirstToken", "00:00:02"), ("Router:Timeouts:Idle", "00:00:02")];

    private readonly ConcurrentDictionary<FaultCell, FaultOutcome> _outcomes = new();
    private readonly Pipeline _pipeline = new();

    public static IReadOnlyList<FaultCell> Cells { get; } =
    [
        .. from row in FaultTable.Rows
           from dialect in row.Dialects
           from chain in Enum.GetValues<Chain>()
           from mode in Enum.GetValues<Mode>()
           select new FaultCell(row, dialect, chain, mode),
    ];

    public FaultOutcome Of(FaultCell cell) => _outcomes[cell];

    public async ValueTask InitializeAsync()
    {
        await _pipeline.InitializeAsync();
        string simulator = _pipeline.Simulator.BaseAddress!.ToString();
        await using ApiHost patient = await ApiHost.StartAsync(simulator, settings: Apart);
        await using ApiHost hasty = await ApiHost.StartAsync(simulator, settings: Hasty);
        var waiting = Cells.Where(cell => cell.Effect is Effect.Silent or Effect.BrokenBySilence or Effect.BriefRateLimit).ToList();
        Task slow = RunAsync(waiting, hasty, 64);
        await RunAsync([.. Cells.Except(waiting)], patient, 8);
        await slow;
        await ReadJournalAsync();
    }

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    private Task RunAsync(List<FaultCell> cells, ApiHost api, int atOnce) =>
        Parallel.ForEachAsync(cells, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (cell, cancel) =>
        {
            long started = Stopwatch.GetTimestamp();
            using var content = new StringContent(cell.Body(), Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await api.Client.PostAsync("/v1/chat/completions", content, cancel);
            string body = await response.Content.ReadAsStringAsync(cancel);
            _outcomes[cell] = new FaultOutcome((int)response.StatusCode, response.Headers, body, Stopwatch.GetElapsedTime(started), []);
        });

    private async Task ReadJournalAsync()
    {
        var journal = (JsonArray)JsonNode.Parse(await _pipeline.Simulator.GetStringAsync("/_simulator/journal"))!;
        var byMark = journal.Select(entry => (JsonObject)entry!).ToLookup(entry => Mark().Match((string?)entry["body"] ?? "").Value);
        foreach (FaultCell cell in Cells)
        {
            _outcomes[cell] = _outcomes[cell] with { Journal = [.. byMark[cell.Mark]] };
        }
    }

    [GeneratedRegex("cell-[0-9a-f]{32}")]
    private static partial Regex Mark();
}
