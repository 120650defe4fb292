using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Router.Tests.Fleet;

namespace Router.Tests.Limits;

/// <summary>Two replicas as processes, one limit.</summary>
[Collection(FleetCollection.Name)]
public sealed class FleetLimitTests(Fleet.Fleet fleet)
{
    private const int Limit = 40;
    private const string Hello = """{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_connections_to_two_replicas_get_the_limit_in_each_second_and_no_more()
    {
        string token = await WorkspaceAsync();
        await SharingAsync(token);
        var (start, passed, asked) = (Stopwatch.GetTimestamp(), 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(4))
            {
                using HttpResponseMessage response = await ChatAsync(fleet.Replicas[worker % 2], token);
                Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{response.StatusCode}");
                Assert.Equal($"{Limit}", response.Headers.GetValues("x-ratelimit-limit-requests").Single());
                Interlocked.Increment(ref asked);
                if (response.StatusCode == HttpStatusCode.OK)
                    Interlocked.Increment(ref passed);
            }
        }));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // Full windows within the time at least, or all that a busy machine had time to ask; windows touched at most. A replica may end its window a moment early.
        Assert.InRange(passed, Math.Min(asked, 3 * Limit * 9 / 10), ((int)seconds + 2) * Limit);
    }

    [Fact]
    public async Task Without_the_cache_requests_are_served_and_each_replica_keeps_the_limit_by_itself()
    {
        string token = await WorkspaceAsync();
        await fleet.Running.StopAsync("cache");
        try
        {
            var (start, passed, asked) = (Stopwatch.GetTimestamp(), 0, 0);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async worker =>
            {
                while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2))
                {
                    Interlocked.Increment(ref asked);
                    using HttpResponseMessage response = await ChatAsync(fleet.Replicas[worker % 2], token);
                    Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{response.StatusCode}");
                    if (response.StatusCode == HttpStatusCode.OK)
                        Interlocked.Increment(ref passed);
                }
            }));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Assert.InRange(passed, Math.Min(asked, Limit), ((int)seconds + 2) * Limit * 2);
        }
        finally
        {
            await fleet.Running.StartAsync("cache");
        }
    }

    private async Task<string> WorkspaceAsync()
    {
        string id = $"l{Guid.NewGuid():N}";
        await fleet.AdminAsync(HttpMethod.Post, "/api/workspaces", new JsonObject { ["id"] = id });
        await fleet.AdminAsync(HttpMethod.Put, $"/api/workspaces/{id}/policy", JsonNode.Parse($$$"""{"limits":{"requests_per_second":{{{Limit}}}}}"""));
        string token = (await fleet.AdminAsync(HttpMethod.Post, $"/api/workspaces/{id}/api-keys", new JsonObject { ["name"] = "limits" }))["api_key"]!.GetValue<string>();
        foreach (HttpClient replica in fleet.Replicas)
        {
            var start = Stopwatch.GetTimestamp();
            while (true)
            {
                using HttpResponseMessage response = await ChatAsync(replica, token);
                if (response.StatusCode == HttpStatusCode.OK)
                    break;
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5), "The key did not reach a replica.");
            }
        }

        return token;
    }

    /// <summary>
    /// Until the replicas count together: another test may just have taken the cache from them, and for a moment each goes on by itself. What
    /// one has used up the other then has no more of than it held.
    /// </summary>
    private async Task SharingAsync(string token)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            await PassedAsync(fleet.Replicas[0], token);
            if (await PassedAsync(fleet.Replicas[1], token) <= Limit / 4)
                return;
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "The replicas do not count together.");
            // The next window, in which neither has used anything.
            await Task.Delay(TimeSpan.FromSeconds(1.1), Cancel);
        }
    }

    /// <summary>How many pass until one is refused.</summary>
    private static async Task<int> PassedAsync(HttpClient replica, string token)
    {
        for (int passed = 0; ; passed++)
        {
            using HttpResponseMessage response = await ChatAsync(replica, token);
            if (response.StatusCode != HttpStatusCode.OK)
                return passed;
        }
    }

    private static async Task<HttpResponseMessage> ChatAsync(HttpClient replica, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Hello, null, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await replica.SendAsync(request, Cancel);
    }
}
