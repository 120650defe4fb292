using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;
using Router.Tests.EndToEnd;

namespace Router.Tests.Fleet;

[Collection(FleetCollection.Name)]
public sealed class MasterKeyRotationTests(Fleet fleet)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_master_key_changes_under_load_and_no_request_fails()
    {
        TestWorkspace workspace = await fleet.NewWorkspaceAsync();
        await workspace.SaveKeyAsync($"sim-good-{workspace.Id}");
        await Task.Delay(TimeSpan.FromSeconds(2), Cancel); // The key is in force on the other replica by then.
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var started = System.Diagnostics.Stopwatch.StartNew();
        var served = new ConcurrentBag<string>();
        Task[] load = [.. Enumerable.Range(0, 3).Select(_ => LoadAsync(workspace, served, done.Token))];

        // As the operations guide says: first everybody can open what the new key seals, then it comes to the front.
        string next = $"next:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";
        fleet.WriteMasterKeys(fleet.MasterKey, next);
        await EverywhereAsync("newest first: test, next");
        fleet.WriteMasterKeys(next, fleet.MasterKey);
        await EverywhereAsync("newest first: next, test");

        started.Restart();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create((await fleet.App.GetConnectionStringAsync("routerdb", Cancel))!);
        while ((long)(await database.CreateCommand("SELECT count(*) FROM provider_keys WHERE master_key_id <> 'next'").ExecuteScalarAsync(Cancel))! > 0)
        {
            Assert.True(started.Elapsed < TimeSpan.FromMinutes(1), "Not every key was re-wrapped within a minute.");
            await Task.Delay(50, Cancel);
        }

        // The old key can go once nothing is wrapped by it.
        fleet.WriteMasterKeys(next);
        await EverywhereAsync("newest first: next");
        int before = served.Count;
        started.Restart();
        while (served.Count < before + 20)
        {
            Assert.True(started.Elapsed < TimeSpan.FromMinutes(1), "Requests were no longer served.");
            await Task.Delay(20, Cancel);
        }

        await done.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(["200 byok"], served.Distinct());
        Assert.Equal("valid", (string)(await workspace.KeyAsync())["status"]!);
    }

    /// <summary>Waits until every process has said that these are its master keys.</summary>
    private async Task EverywhereAsync(string said)
    {
        foreach (string replica in (string[])["api-1", "api-2", "worker-1", "worker-2"])
        {
            var waited = System.Diagnostics.Stopwatch.StartNew();
            while (!(await fleet.Running.LogAsync(replica)).Any(line => line.EndsWith(said, StringComparison.Ordinal)))
            {
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(10), $"{replica} did not take up the keys: {said}");
                await Task.Delay(50, Cancel);
            }
        }
    }

    /// <summary>A connection for each request, so that every request goes through the balancer's choice.</summary>
    private async Task LoadAsync(TestWorkspace workspace, ConcurrentBag<string> served, CancellationToken done)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = fleet.Api.BaseAddress };
        while (!done.IsCancellationRequested)
        {
            try
            {
                using HttpRequestMessage request = workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}]}""");
                using HttpResponseMessage response = await client.SendAsync(request, Cancel);
                JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
                served.Add($"{(int)response.StatusCode} {body["metadata"]?["attempts"]?[0]?["credential_type"] ?? body.ToJsonString()}");
            }
            catch (HttpRequestException lost)
            {
                served.Add(lost.Message);
            }
        }
    }
}
