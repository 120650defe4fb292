using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Usage;
using Router.Tests.Chat;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>
/// Attempts listed, requests the provider got and receipts are the same in number, tokens and cents, over every fault, kind of chain and
/// mode, with callers that leave; and the sum of the receipts is the one worked out from the provider's own journal.
/// <c>ROUTER_TEST_CENTS=10000</c> in the environment asks for more requests.
/// </summary>
public sealed partial class ReceiptSumTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    /// <summary>Fewer than the simulator's journal keeps, at four attempts each.</summary>
    private const int Batch = 2_000;

    /// <summary>USD per million in and out, of the models of the cells.</summary>
    private static readonly Dictionary<string, (decimal In, decimal Out)> Prices = new()
    {
        ["openai/gpt-4o"] = (2.5m, 10),
        ["openai/gpt-4o-mini"] = (0.15m, 0.6m),
        ["anthropic/claude-haiku-5-5"] = (0.1m, 0.5m),
        ["anthropic/claude-sonnet-4-5-20250929"] = (3, 15),
        ["google-ai-studio/gemini-2.5-flash"] = (0.3m, 2.5m),
        ["google-ai-studio/gemini-2.5-pro"] = (1.25m, 10),
        ["groq/openai/gpt-oss-120b"] = (0.15m, 0.6m),
    };

    private static readonly (string, string)[] Hasty =
    [
        ("Router:Timeouts:Header", "00:00:00.6"), ("Router:Timeouts:FirstToken", "00:00:00.6"), ("Router:Timeouts:Idle", "00:00:00.6"), ("Router:Fallback:LongestWait", "00:00:00.05"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sum_of_the_receipts_is_the_sum_of_the_providers_journal()
    {
        int all = int.Parse(Environment.GetEnvironmentVariable("ROUTER_TEST_CENTS") ?? "500", CultureInfo.InvariantCulture);
        await using ServiceProvider services = pipeline.Build(pipeline.Simulator.BaseAddress!.ToString(), Hasty);
        var random = new Random(21);
        var sum = new Tally();
        for (int done = 0; done < all; done += Batch)
        {
            await RunAsync(services, [.. Enumerable.Range(0, Math.Min(Batch, all - done)).Select(_ => Any(random))], sum);
        }

        Assert.Equal(sum.Billed, sum.Receipted);
        Assert.True(sum.Exact > all / 5, $"{sum}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{all} requests: {sum}");
    }

    private async Task RunAsync(ServiceProvider services, (FaultCell Cell, TimeSpan? Leaves)[] cases, Tally sum)
    {
        using HttpResponseMessage cleared = await pipeline.Simulator.DeleteAsync("/_simulator/journal", Cancel);
        var told = new ConcurrentDictionary<string, RouteRequest>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancel }, async (one, cancel) =>
        {
            ChatRequest request = services.GetRequiredService<ChatRequestReader>().Read(Encoding.UTF8.GetBytes(one.Cell.Body()), Pipeline.Workspace(null, WorkspacePolicy.Default with { ByokFeePercent = 10 }));
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

        JsonArray journal = await JournalAsync();
        ILookup<string, JsonObject> received = journal.Select(entry => (JsonObject)entry!).ToLookup(entry => Mark().Match((string?)entry["body"] ?? "").Value);
        foreach ((FaultCell cell, TimeSpan? _) in cases)
        {
            RouteRequest request = told[cell.Mark];
            AttemptRecord[] listed = [.. request.Attempts.Where(attempt => !attempt.Skipped)];
            List<UsageRecord> receipts = WireReceipts.Of(pipeline, request);
            JsonObject[] got = [.. received[cell.Mark].OrderBy(entry => (long)entry["sequence"]!)];
            // A caller that left may have done so between the first byte and the provider, and a busy machine may take longer than these short limits.
            int unsure = listed.Count(attempt => attempt is { UpstreamRequestId: null } and ({ Cancelled: true } or { Error.TimedOut: true }));
            Assert.True(got.Length <= listed.Length && got.Length >= listed.Length - unsure, $"{listed.Length} listed, {got.Length} received: {cell.Name}");
            Assert.Equal(listed.Length, receipts.Count);
            Assert.Equal(receipts.Sum(receipt => (receipt.InputTokens ?? 0) + (receipt.OutputTokens ?? 0)), request.Tokens);
            if (got.Length < listed.Length)
            {
                // Nobody knows which of them did not come to the provider.
                sum.Unsure++;
                continue;
            }

            for (int i = 0; i < receipts.Count; i++)
            {
                sum.Add(cell, listed[i], receipts[i], got[i]);
            }
        }
    }

    /// <summary>Once the provider has put down of each request how it ended, which may be after its caller knows.</summary>
    private async Task<JsonArray> JournalAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var journal = (JsonArray)JsonNode.Parse(await pipeline.Simulator.GetStringAsync("/_simulator/journal", Cancel))!;
            if (journal.All(entry => entry!["endedAt"] is not null))
            {
                return journal;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "The provider is still at work.");
            await Task.Delay(20, Cancel);
        }
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

    private static (FaultCell Cell, TimeSpan? Leaves) Any(Random random)
    {
        FaultCell like = FaultRun.Cells[random.Next(FaultRun.Cells.Count)];
        return (new FaultCell(like.Row, like.Dialect, like.Chain, like.Mode), random.Next(12) == 0 ? TimeSpan.FromMilliseconds(random.Next(0, 30)) : null);
    }

    [GeneratedRegex("cell-[0-9a-f]{32}")]
    private static partial Regex Mark();

    /// <summary>Holds each receipt against what the provider did, and adds both up.</summary>
    private sealed class Tally
    {
        /// <summary>Requests of which an attempt did not come to the provider.</summary>
        public int Unsure { get; set; }

        public decimal Billed { get; private set; }

        public decimal Receipted { get; private set; }

        /// <summary>Receipts whose every token is the journal's.</summary>
        public int Exact { get; private set; }

        private int Estimated { get; set; }

        private int Bounded { get; set; }

        private int Free { get; set; }

        public void Add(FaultCell cell, AttemptRecord attempt, UsageRecord receipt, JsonObject entry)
        {
            string shown = $"{cell.Name}: {receipt} against {entry["usage"]} {entry["status"]} {entry["chunksSent"]}";
            long prompt = Tokens($"Hi from {cell.Mark}".Length);
            JsonNode? usage = entry["usage"];
            if (receipt.InputTokens is null)
            {
                // Refused: no model has worked, or all it said is that it failed.
                Assert.True(receipt is { ListPrice: null, Charge: null, PriceTier: null, OutputTokens: null }, shown);
                Assert.True(attempt.Error is { Status: >= 400 } or { InAnswer: true } || !attempt.Sent, shown);
                Assert.True(usage is null || (int)entry["chunksSent"]! == 0, shown);
                Free++;
                return;
            }

            (long input, long output) = (prompt, receipt.OutputTokens!.Value);
            if (!receipt.Estimated)
            {
                Assert.True(usage is not null && (bool)usage["told"]!, shown);
                (input, output) = ((long)usage!["input"]!, (long)usage["output"]!);
                // Claude does not tell how much of it was thought.
                Assert.Equal(((long)usage["cached"]!, IsClaude(attempt) ? 0 : (long)usage["reasoning"]!), (receipt.CachedTokens, receipt.ReasoningTokens));
                Exact++;
            }
            else if (usage is null || attempt.Cancelled || attempt.Error is { TimedOut: true } || cell.Row.Script.Contains("cut", StringComparison.Ordinal))
            {
                // What was on its way when the connection broke may not have come; more than was said never did.
                Assert.True(output <= Said(cell, attempt, entry), shown);
                Bounded++;
            }
            else
            {
                output = Said(cell, attempt, entry);
                Estimated++;
            }

            Assert.True((input, output) == (receipt.InputTokens, receipt.OutputTokens), $"{input} {output}, {shown}");
            (decimal inPrice, decimal outPrice) = Prices[$"{receipt.Provider}/{receipt.Model}"];
            decimal usd = ((input * inPrice) + (output * outPrice)) / 1_000_000;
            Assert.True(usd == receipt.ListPrice, $"{usd}, {shown}");
            Assert.Equal(receipt.CredentialType == "byok" ? usd / 10 : usd, receipt.Charge);
            Billed += usd;
            Receipted += receipt.ListPrice!.Value;
        }

        public override string ToString() =>
            $"{Exact} receipts counted by the provider, {Estimated} estimated to the token, {Bounded} that broke or were left, {Free} refused; {Receipted} USD";

        /// <summary>The tokens of what the provider had said when the stream ended; nothing of an answer that did not come whole.</summary>
        private static long Said(FaultCell cell, AttemptRecord attempt, JsonObject entry)
        {
            if (entry["usage"] is not { } usage)
            {
                return 0;
            }

            if (attempt.Success || attempt.Cancelled || (bool)usage["told"]!)
            {
                return (long)usage["output"]! - Hidden(attempt, usage);
            }

            string usual = $"Hello! This is the simulated {attempt.Entry.Model} of {attempt.Entry.Provider.Slug}. You said: Hi from {cell.Mark}";
            // A thought without words is one piece: its signature.
            int pieces = (int)entry["chunksSent"]! - (Hidden(attempt, usage) > 0 ? 1 : 0);
            long said = cell.Stream ? Tokens(string.Concat(Regex.Split(usual, "(?<= )").Take(pieces)).Length) : 0;
            // It begins with a count of one.
            return cell.Stream && IsClaude(attempt) ? Math.Max(1, said) : said;
        }

        /// <summary>What was thought and not said: a guess from text knows nothing of it.</summary>
        private static long Hidden(AttemptRecord attempt, JsonNode usage) => IsClaude(attempt) ? (long)usage["reasoning"]! : 0;

        private static bool IsClaude(AttemptRecord attempt) => attempt.Entry.Provider.Slug == "anthropic";

        private static long Tokens(int characters) => (characters + 3) / 4;
    }
}
