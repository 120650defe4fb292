using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Router.Tests.Support;

namespace Router.Tests.Restart;

/// <summary>What processes that end, as they are told or as they are killed, cost callers and receipts.</summary>
[Collection(RestartCollection.Name)]
public sealed class RestartTests(TwoReplicas two)
{
    private const int Streams = 50;
    private const int PerSecond = 100;
    private const int Workers = 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rolling_restart_under_load_fails_no_request()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = two.Balancer.Address, Timeout = TimeSpan.FromSeconds(60) };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        ConcurrentQueue<string> failures = [];
        (int streams, int requests) = (0, 0);
        string since = $"at >= '{await OfAsync<DateTime>(two.Database, "SELECT clock_timestamp()"):O}'";
        Task[] load =
        [
            .. Enumerable.Range(0, Streams).Select(_ => RepeatAsync(TimeSpan.Zero, async () =>
            {
                await StreamAsync(client);
                Interlocked.Increment(ref streams);
            })),
            .. Enumerable.Range(0, Workers).Select(_ => RepeatAsync(TimeSpan.FromSeconds((double)Workers / PerSecond), async () =>
            {
                await RequestAsync(client);
                Interlocked.Increment(ref requests);
            })),
        ];
        foreach (ApiProcess replica in two.Replicas)
        {
            await two.HealthyAsync();
            await Task.Delay(500, Cancel);
            await replica.StopAsync(TimeSpan.FromSeconds(15), Cancel);
            replica.Start();
        }

        await two.HealthyAsync();
        await Task.Delay(500, Cancel);
        await end.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal([], failures);
        Assert.True(streams > Streams && requests > PerSecond, $"{streams} streams and {requests} requests were served.");
        await ReceiptsAsync(streams + requests, since);

        async Task RepeatAsync(TimeSpan period, Func<Task> call)
        {
            while (!end.IsCancellationRequested)
            {
                long started = Stopwatch.GetTimestamp();
                try
                {
                    await call();
                }
                catch (Exception e)
                {
                    failures.Enqueue($"{DateTime.UtcNow:ss.fff} {e.GetType().Name}: {e.Message} {e.InnerException?.Message}");
                }

                if (period - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left)
                {
                    await Task.Delay(left, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    /// <summary>Every one of them has its receipt, and it says that all went well.</summary>
    private async Task ReceiptsAsync(int answers, string since)
    {
        await Eventually.HoldsAsync(() => CountAsync($"outcome = 'success' AND {since}").GetAwaiter().GetResult() == answers, TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal(0, await CountAsync($"outcome <> 'success' AND {since}"));
    }

    [Fact]
    public async Task What_was_under_way_in_a_process_that_is_killed_is_known_afterwards()
    {
        await two.HealthyAsync();
        ApiProcess killed = two.Replicas[0];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{killed.Port}") };
        List<(string Generation, HttpResponseMessage Response)> open = [];
        for (int i = 0; i < 5; i++)
        {
            HttpResponseMessage response = await client.SendAsync(two.Chat(TwoReplicas.Endless, stream: true), HttpCompletionOption.ResponseHeadersRead, Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            open.Add((response.Headers.GetValues("x-generation-id").Single(), response));
        }

        await Eventually.HoldsAsync(() => NotedAsync().GetAwaiter().GetResult() == 5, TimeSpan.FromSeconds(15), Cancel);
        await killed.KillAsync(Cancel);
        string generations = string.Join(",", open.Select(one => $"'{one.Generation}'"));
        await Eventually.HoldsAsync(() => CountAsync($"outcome = 'lost' AND estimated AND output_tokens > 5 AND input_tokens > 0 AND generation_id IN ({generations})").GetAwaiter().GetResult() == 5, TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(0, await NotedAsync());
        open.ForEach(one => one.Response.Dispose());
        killed.Start();
        await two.HealthyAsync();
    }

    private static async Task<T> OfAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private Task<long> CountAsync(string where) => OfAsync<long>(two.Database, $"SELECT count(*) FROM usage_attempts WHERE {where}");

    private Task<long> NotedAsync() => OfAsync<long>(two.Database, "SELECT count(*) FROM usage_running");

    private async Task StreamAsync(HttpClient client)
    {
        using HttpResponseMessage response = await client.SendAsync(two.Chat(TwoReplicas.Streams, stream: true), HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        string text = await response.Content.ReadAsStringAsync(CancellationToken.None);
        if (response.StatusCode != HttpStatusCode.OK || !text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{response.StatusCode} …{text[^Math.Min(text.Length, 200)..]}");
        }
    }

    private async Task RequestAsync(HttpClient client)
    {
        using HttpResponseMessage response = await client.SendAsync(two.Chat("sim-good-restart", stream: false), CancellationToken.None);
        string text = await response.Content.ReadAsStringAsync(CancellationToken.None);
        if (response.StatusCode != HttpStatusCode.OK || JsonNode.Parse(text)!["choices"] is null)
        {
            throw new InvalidOperationException($"{response.StatusCode} {text}");
        }
    }
}
