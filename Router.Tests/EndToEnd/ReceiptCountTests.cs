using System.Globalization;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>
/// Receipts against the provider's own count, in numbers: every fault, callers that leave at any moment, JSON and streams.
/// <c>ROUTER_TEST_RECEIPTS=100000</c> in the environment asks for more requests.
/// </summary>
[Collection(StackCollection.Name)]
public sealed class ReceiptCountTests(Stack stack)
{
    /// <summary>Fewer than the simulator's journal keeps.</summary>
    private const int Batch = 4_000;

    private static readonly string[] Faults =
    [
        "", "", "", ""","simulate":{"status":500}""", ""","simulate":{"status":429}""", ""","simulate":{"status":400}""", ""","simulate":{"cutAfterChunks":2}""", ""","simulate":{"delayBeforeHeadersMs":20}""",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_as_many_as_the_requests_the_provider_counted()
    {
        int all = int.Parse(Environment.GetEnvironmentVariable("ROUTER_TEST_RECEIPTS") ?? "400", CultureInfo.InvariantCulture);
        var random = new Random(7);
        (long receipts, long upstream, long unsure) = (0, 0, 0);
        for (int done = 0; done < all; done += Batch)
        {
            (long kept, long counted, long left) = await RunAsync(Math.Min(Batch, all - done), random);
            (receipts, upstream, unsure) = (receipts + kept, upstream + counted, unsure + left);
            // Each one that is not the provider's is of a caller that left before there was an answer: it may never have arrived.
            Assert.InRange(kept - counted, 0, left);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{all} requests: {upstream} counted by the provider, {receipts} receipts; {receipts - upstream} of the {unsure} whose caller left before an answer never arrived.");
    }

    private async Task<(long Receipts, long Upstream, long Left)> RunAsync(int requests, Random random)
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/policy", new JsonObject { ["byok_only"] = true, ["limits"] = new JsonObject { ["requests_per_second"] = 0 } });
        int before = (await stack.JournalAsync(key)).Count;
        (string Body, int? Leaves)[] plan = [.. Enumerable.Range(0, requests).Select(i => (
            $$$"""{"model":"openai/gpt-4o","stream":{{{(i % 2 == 0 ? "true" : "false")}}},"messages":[{"role":"user","content":"{{{new string('x', random.Next(10) == 0 ? 40_000 : 20)}}}"}]{{{Faults[random.Next(Faults.Length)]}}},"fallback":{"max_attempts":2,"deadline":"5s"}}""",
            random.Next(8) == 0 ? random.Next(0, 40) : (int?)null))];
        await Parallel.ForEachAsync(plan, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (request, cancel) =>
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            if (request.Leaves is { } after)
            {
                leaving.CancelAfter(TimeSpan.FromMilliseconds(after));
            }

            try
            {
                using HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat(request.Body), leaving.Token);
                await response.Content.ReadAsStringAsync(leaving.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException && !cancel.IsCancellationRequested)
            {
            }
        });

        // Receipts are written five times a second; nothing is under way when neither count has moved for two.
        (long Receipts, long Upstream) seen = (-1, -1);
        for (int still = 0; still < 8;)
        {
            await Task.Delay(250, Cancel);
            (long, long) now = (await CountAsync(workspace), (await stack.JournalAsync(key)).Count - before);
            still = now == seen ? still + 1 : 0;
            seen = now;
        }

        return (seen.Receipts, seen.Upstream, await LeftAsync(workspace));
    }

    private async Task<long> CountAsync(TestWorkspace workspace) =>
        ((JsonArray)(await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/usage?group_by=model"))["rows"]!).Sum(row => (long)row!["attempts"]!);

    private async Task<long> LeftAsync(TestWorkspace workspace)
    {
        long left = 0;
        string? before = null;
        do
        {
            JsonNode page = await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/attempts?limit=500{(before is null ? "" : $"&before={before}")}");
            left += ((JsonArray)page["attempts"]!).Count(attempt => (string)attempt!["outcome"]! == "cancelled" && attempt["time_to_first_token_ms"] is null);
            before = (string?)page["next_before"];
        }
        while (before is not null);
        return left;
    }
}
