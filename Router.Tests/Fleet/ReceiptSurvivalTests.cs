using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Router.Tests.EndToEnd;
using Router.Tests.Support;

namespace Router.Tests.Fleet;

/// <summary>What is left of the receipts when a process dies, held against what the provider was asked.</summary>
[Collection(FleetCollection.Name)]
public sealed class ReceiptSurvivalTests(Fleet fleet)
{
    /// <summary>What docs/operations.md allows to be lost, and the time a batch takes to be written on a busy machine.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(200) + TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_killed_costs_none()
    {
        Caller caller = await CallerAsync();
        Task<int> calls = caller.CallAsync(fleet.Replicas, TimeSpan.FromSeconds(4));
        await Task.Delay(TimeSpan.FromSeconds(1.3), Cancel);
        await fleet.Running.KillAsync("postgres");
        Assert.Equal(0, await calls);
        await fleet.Running.UntilHealthyAsync("postgres");
        await caller.AllArriveAsync();
    }

    [Fact]
    public async Task An_api_that_is_killed_costs_no_more_than_the_last_second()
    {
        Caller caller = await CallerAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<int> calls = caller.CallAsync([fleet.Replicas[0]], TimeSpan.FromMinutes(1), enough);
        await Eventually.HoldsAsync(() => caller.Answered.Count > 100, TimeSpan.FromSeconds(50), Cancel);
        await Task.Delay(Window + Window, Cancel);
        DateTimeOffset killed = DateTimeOffset.UtcNow;
        await fleet.Running.KillAsync("api-1");
        await Task.Delay(Window, Cancel);
        await enough.CancelAsync();
        await calls;
        await fleet.Running.UntilHealthyAsync("api-1");
        string[] before = [.. caller.Answered.Where(answer => answer.At < killed - Window).Select(answer => answer.Generation)];
        Assert.True(before.Length > 10, $"{before.Length} answers came in time to be kept.");
        HashSet<string> kept = await caller.ReceiptsAsync();
        Assert.Equal([], before.Where(generation => !kept.Contains(generation)));
        int asked = await caller.UpstreamAsync();
        Assert.True(kept.Count <= asked, $"There are {kept.Count} receipts of {asked} requests.");
    }

    [Fact]
    public async Task An_api_that_is_stopped_costs_none_with_the_database_or_without()
    {
        Caller caller = await CallerAsync();
        Assert.Equal(0, await caller.CallAsync([fleet.Replicas[0]], TimeSpan.FromSeconds(0.4)));
        await WithoutAsync("api-1", caller.AllArriveAsync);

        await caller.CallAsync([fleet.Replicas[0]], TimeSpan.FromSeconds(0.2));
        await caller.AllArriveAsync();
        await fleet.Running.StopAsync("postgres");
        try
        {
            Assert.Equal(0, await caller.CallAsync([fleet.Replicas[0]], TimeSpan.FromSeconds(0.4)));
        }
        catch
        {
            await fleet.Running.StartAsync("postgres");
            throw;
        }

        await WithoutAsync("api-1", async () =>
        {
            await fleet.Running.StartAsync("postgres");
            // The other replica finds what this one put on disk.
            await caller.AllArriveAsync();
        });
    }

    /// <summary>The resource runs again whatever comes of this: other tests need it.</summary>
    private async Task WithoutAsync(string resource, Func<Task> action)
    {
        await fleet.Running.StopAsync(resource);
        try
        {
            await action();
        }
        finally
        {
            await fleet.Running.StartAsync(resource);
        }
    }

    private async Task<Caller> CallerAsync()
    {
        TestWorkspace workspace = await fleet.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        await fleet.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/policy", new JsonObject { ["byok_only"] = true, ["limits"] = new JsonObject { ["requests_per_second"] = 0 } });
        foreach (HttpClient replica in fleet.Replicas)
        {
            await PlannedAsync(replica, workspace);
        }

        var caller = new Caller(fleet, workspace, key);
        await caller.BeginAsync();
        return caller;
    }

    /// <summary>Until this replica would use the workspace's key and no other; before, some receipts are of requests with the operator's, which are not counted here.</summary>
    private static async Task PlannedAsync(HttpClient replica, TestWorkspace workspace)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using HttpRequestMessage request = workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}]}""");
            request.RequestUri = new Uri("/v1/chat/completions:explain", UriKind.Relative);
            using HttpResponseMessage response = await replica.SendAsync(request, Cancel);
            if (response.IsSuccessStatusCode
                && (JsonArray)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["entries"]! is [{ } entry]
                && (string?)entry["credential_type"] == "byok")
            {
                return;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), "The workspace's key is not in force.");
            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>Keeps asking, and remembers when which answer came.</summary>
    private sealed class Caller(Fleet fleet, TestWorkspace workspace, string key)
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

        private int _before;

        public ConcurrentBag<(string Generation, DateTimeOffset At)> Answered { get; } = [];

        /// <returns>How many calls were not answered with 200.</returns>
        public async Task<int> CallAsync(IReadOnlyList<HttpClient> replicas, TimeSpan time, CancellationTokenSource? enough = null)
        {
            var clock = Stopwatch.StartNew();
            int failed = 0;
            await Parallel.ForAsync(0, 4, Cancel, async (one, cancel) =>
            {
                for (int i = one; clock.Elapsed < time && enough?.IsCancellationRequested != true; i++)
                {
                    // However fast they are answered, five seconds of them must fit the provider's journal of ten thousand.
                    await Task.Delay(Pause, cancel);
                    try
                    {
                        using HttpResponseMessage response = await replicas[i % replicas.Count].SendAsync(
                            workspace.Chat($$"""{"model":"openai/gpt-4o","stream":{{(i % 3 == 0 ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}"""), cancel);
                        await response.Content.ReadAsStringAsync(cancel);
                        if (response.IsSuccessStatusCode)
                        {
                            Answered.Add((response.Headers.GetValues("x-generation-id").Single(), DateTimeOffset.UtcNow));
                            continue;
                        }
                    }
                    catch (HttpRequestException)
                    {
                    }

                    Interlocked.Increment(ref failed);
                    await Task.Delay(20, cancel);
                }
            });
            return failed;
        }

        public async Task AllArriveAsync()
        {
            var clock = Stopwatch.StartNew();
            string[] missing;
            do
            {
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "Not every receipt arrived.");
                await Task.Delay(200, Cancel);
                HashSet<string> kept = await ReceiptsAsync();
                missing = [.. Answered.Select(answer => answer.Generation).Where(generation => !kept.Contains(generation))];
            }
            while (missing.Length > 0);

            Assert.Equal(await UpstreamAsync(), (await ReceiptsAsync()).Count);
        }

        /// <summary>What the provider was asked before is the check of the key as it was saved, which has no receipt.</summary>
        public async Task BeginAsync() => _before = await ChatsAsync();

        /// <summary>Chats the provider was asked.</summary>
        public async Task<int> UpstreamAsync() => await ChatsAsync() - _before;

        private async Task<int> ChatsAsync() => (await fleet.JournalAsync(key)).Count(entry => (string)entry!["path"]! is { } path && path.EndsWith("/chat/completions", StringComparison.Ordinal));

        public async Task<HashSet<string>> ReceiptsAsync()
        {
            var generations = new HashSet<string>(StringComparer.Ordinal);
            string? before = null;
            do
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/attempts?limit=500{(before is null ? "" : $"&before={before}")}")
                {
                    Headers = { Authorization = new("Bearer", fleet.AdminKey) },
                };
                using HttpResponseMessage response = await fleet.Replicas[1].SendAsync(request, Cancel);
                if (!response.IsSuccessStatusCode)
                {
                    return []; // The database is on its way back.
                }

                JsonNode page = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
                foreach (JsonNode? attempt in (JsonArray)page["attempts"]!)
                {
                    Assert.True(generations.Add((string)attempt!["generation_id"]!), "A receipt is there twice.");
                }

                before = (string?)page["next_before"];
            }
            while (before is not null);
            return generations;
        }
    }
}
