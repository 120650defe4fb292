#if !USE_ASPIRE
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
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var started = System.Diagnostics.Stopwatch.StartNew();
        var served = new ConcurrentBag<string>();
        Task[] load = [.. Enumerable.Range(0, 3).Select(_ => LoadAsync(workspace, served, done.Token))];

        // As the operations guide says: first everybody can open what the new key seals, then it comes to the front.
        string next = $"next:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";
        foreach ((string newest, string oldest) in ((string, string)[])[(fleet.MasterKey, next), (next, fleet.MasterKey)])
        {
            fleet.SetEnvironment("Router__MasterKeys__0", newest);
            fleet.SetEnvironment("Router__MasterKeys__1", oldest);
            foreach (string replica in (string[])["api-1", "api-2", "worker-1", "worker-2"])
            {
                await fleet.RestartAsync(replica, Cancel);
            }
        }

        await using NpgsqlDataSource database = NpgsqlDataSource.Create((await fleet.App.GetConnectionStringAsync("routerdb", Cancel))!);
        while ((long)(await database.CreateCommand("SELECT count(*) FROM provider_keys WHERE master_key_id <> 'next'").ExecuteScalarAsync(Cancel))! > 0)
        {
            Assert.True(started.Elapsed < TimeSpan.FromMinutes(1), "Not every key was re-wrapped within a minute.");
            await Task.Delay(50, Cancel);
        }

        int before = served.Count;
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

    /// <summary>
    /// A connection for each request, so that every request goes through the balancer's choice. The balancer picks a
    /// replica until its port is closed, so a connection may be lost with it: such a request is sent again, once.
    /// </summary>
    private async Task LoadAsync(TestWorkspace workspace, ConcurrentBag<string> served, CancellationToken done)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = fleet.Api.BaseAddress };
        while (!done.IsCancellationRequested)
        {
            try
            {
                using HttpResponseMessage response = await SendAsync(client, workspace) ?? await SendAsync(client, workspace) ?? throw new HttpRequestException("lost twice");
                JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
                served.Add($"{(int)response.StatusCode} {body["metadata"]?["attempts"]?[0]?["credential_type"] ?? body.ToJsonString()}");
            }
            catch (HttpRequestException lost)
            {
                served.Add(lost.Message);
            }
        }
    }

    private static async Task<HttpResponseMessage?> SendAsync(HttpClient client, TestWorkspace workspace)
    {
        using HttpRequestMessage request = workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}]}""");
        try
        {
            return await client.SendAsync(request, Cancel);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
#endif
