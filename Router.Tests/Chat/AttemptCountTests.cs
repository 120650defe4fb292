using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>
/// The attempts that are listed are the requests the provider got: no fewer and no more, in thousands of requests over every fault, kind
/// of chain and mode, with saved and runtime keys, with bodies that some dialect cannot carry and callers that leave.
/// <c>ROUTER_TEST_ATTEMPTS=10000</c> in the environment asks for more requests.
/// </summary>
public sealed partial class AttemptCountTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    /// <summary>Fewer than the simulator's journal keeps, at four attempts each.</summary>
    private const int Batch = 2_000;

    private static readonly (string, string)[] Hasty =
    [
        ("Router:Timeouts:Header", "00:00:00.4"), ("Router:Timeouts:FirstToken", "00:00:00.4"), ("Router:Timeouts:Idle", "00:00:00.4"), ("Router:Fallback:LongestWait", "00:00:00.05"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_listed_is_what_the_provider_got()
    {
        int all = int.Parse(Environment.GetEnvironmentVariable("ROUTER_TEST_ATTEMPTS") ?? "1500", CultureInfo.InvariantCulture);
        await using ServiceProvider services = pipeline.Build(pipeline.Simulator.BaseAddress!.ToString(), Hasty);
        var random = new Random(20);
        var seen = new HashSet<string>();
        int listed = 0;
        for (int done = 0; done < all; done += Batch)
        {
            Case[] cases = [.. Enumerable.Range(0, Math.Min(Batch, all - done)).Select(_ => Case.Any(random))];
            listed += await RunAsync(services, cases);
            seen.UnionWith(cases.Select(one => one.Cell.Row.Name));
        }

        Assert.True(seen.Count == FaultTable.Rows.Select(row => row.Name).Distinct().Count(), "Not every fault was played.");
        Assert.True(listed > all / 2);
        TestContext.Current.TestOutputHelper?.WriteLine($"{all} requests, {listed} attempts listed and received.");
    }

    private async Task<int> RunAsync(ServiceProvider services, Case[] cases)
    {
        using HttpResponseMessage cleared = await pipeline.Simulator.DeleteAsync("/_simulator/journal", Cancel);
        var told = new ConcurrentDictionary<string, RouteRequest>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 48, CancellationToken = Cancel }, async (one, cancel) =>
        {
            ChatRequest request = services.GetRequiredService<ChatRequestReader>().Read(Encoding.UTF8.GetBytes(one.Body), one.Workspace);
            told[one.Cell.Mark] = request.Options.Request;
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            if (one.Leaves is { } after)
            {
                leaving.CancelAfter(after);
            }

            try
            {
                await AskAsync(services.GetRequiredService<IChatClient>(), request, leaving.Token);
            }
            catch (Exception e) when (e is Core.Failures.RouterException or Core.Failures.ProviderException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
            }
        });

        JsonArray journal = (JsonArray)JsonNode.Parse(await pipeline.Simulator.GetStringAsync("/_simulator/journal", Cancel))!;
        ILookup<string, JsonObject> received = journal.Select(entry => (JsonObject)entry!).ToLookup(entry => Mark().Match((string?)entry["body"] ?? "").Value);
        int all = 0;
        foreach (Case one in cases)
        {
            RouteRequest request = told[one.Cell.Mark];
            AttemptRecord[] made = [.. request.Attempts.Where(attempt => !attempt.Skipped)];
            int got = received[one.Cell.Mark].Count();
            // A caller that left may have done so between the first byte and the provider, and a busy machine may take longer than these short limits.
            int unsure = made.Count(attempt => attempt is { UpstreamRequestId: null } and ({ Cancelled: true } or { Error.TimedOut: true }));
            Assert.True(got <= made.Length && got >= made.Length - unsure, $"{made.Length} listed, {got} received: {one.Cell.Name}, {one.Body}");
            Assert.Equal(made.Length, request.UpstreamRequests);
            all += made.Length;
        }

        return all;
    }

    private static async Task AskAsync(IChatClient router, ChatRequest request, CancellationToken cancel)
    {
        if (!request.Stream)
        {
            await router.GetResponseAsync(request.Messages, request.Options, cancel);
            return;
        }

        await foreach (ChatResponseUpdate update in router.GetStreamingResponseAsync(request.Messages, request.Options, cancel))
        {
            Assert.NotNull(update);
        }
    }

    [GeneratedRegex("cell-[0-9a-f]{32}")]
    private static partial Regex Mark();

    private sealed record Case(FaultCell Cell, string Body, Workspace Workspace, TimeSpan? Leaves)
    {
        public static Case Any(Random random)
        {
            FaultCell like = FaultRun.Cells[random.Next(FaultRun.Cells.Count)];
            var cell = new FaultCell(like.Row, like.Dialect, like.Chain, like.Mode);
            JsonObject body = JsonNode.Parse(cell.Body())!.AsObject();
            bool saved = random.Next(2) == 0;
            if (saved)
            {
                bool system = (bool)body["provider_credentials"]![cell.Slug]!["fallback_to_system"]!;
                body["provider_credentials"]!.AsObject().Remove(cell.Slug);
                body["byok_only"] = !system;
            }

            switch (random.Next(12))
            {
                case 0:
                    (body["strict"], body["seed"]) = (true, 7);
                    break;
                case 1:
                    body["messages"]!.AsArray().Insert(0, JsonNode.Parse("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}"""));
                    break;
                case 2:
                    body["tools"] = JsonNode.Parse("""[{"type":"custom","custom":{"name":"grep"}}]""");
                    break;
                case 3:
                    body["unheard_of"] = JsonNode.Parse(new string('[', 60) + new string(']', 60));
                    break;
            }

            return new Case(cell, body.ToJsonString(), Pipeline.Workspace(saved ? cell.OwnKey : null, provider: cell.Slug), random.Next(10) == 0 ? TimeSpan.FromMilliseconds(random.Next(0, 30)) : null);
        }
    }
}
