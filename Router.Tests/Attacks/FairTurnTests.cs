using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Router.Tests.Restart;

namespace Router.Tests.Attacks;

/// <summary>
/// One replica under attacks that keep a thread busy, and what other callers of it wait meanwhile. The bound is wide, for machines that
/// are busy themselves: where turns are not fair, callers wait for as long as the attack lasts.
/// </summary>
[Collection(RestartCollection.Name)]
public sealed class FairTurnTests(TwoReplicas two) : IAsyncLifetime
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };

    private const int Rounds = 3;

    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Attack = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await two.HealthyAsync(two.Replicas[0]);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    public static TheoryData<string> Floods() => [.. FloodingProvider.Kinds];

    [Fact]
    public async Task Requests_without_a_key_on_two_connections_hold_nobody_up()
    {
        byte[] requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 2_000)));
        int port = two.Replicas[0].Port;
        await MeasureAsync("keyless requests", async stop =>
        {
            using var socket = new TcpClient("127.0.0.1", port);
            NetworkStream stream = socket.GetStream();
            Task answers = stream.CopyToAsync(Stream.Null, stop);
            while (true)
            {
                await stream.WriteAsync(requests, stop);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Floods))]
    public Task A_stream_that_never_pauses_holds_nobody_up(string flood) => MeasureAsync(flood, async stop =>
    {
        using HttpRequestMessage request = Chat($$"""{"model":"flood/{{flood}}","stream":true,"fallback":{"max_attempts":1},"messages":[{"role":"user","content":"Hi"}]}""");
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        await response.Content.CopyToAsync(Stream.Null, stop);
    });

    /// <summary>Conditions that a tenant writes, over a text that its callers send.</summary>
    [Fact]
    public async Task A_saved_router_with_slow_expressions_holds_nobody_up()
    {
        string routes = string.Join(',', Enumerable.Range(0, 20).Select(i => $$$"""{"route":{"route_id":"r{{{i}}}","variants":[{"variant":{"variant_id":"v","model_id":"flood/calm"},"weight":100}]},"condition":{"cel_expression":"text.matches('(?:a|b)*a(?:a|b){60}c{{{i}}}')"}}"""));
        using var save = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{two.Replicas[0].Port}/router/v1/routers?workspace=default")
        {
            Headers = { Authorization = new("Bearer", two.AdminKey) },
            Content = new StringContent($$$"""{"name":"slow","routes":[{{{routes}}}],"defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"flood/calm"},"weight":100}]}}""", Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage saved = await _client.SendAsync(save, Cancel);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync(Cancel));
        string letters = string.Concat(Enumerable.Range(0, 100_000).Select(i => ((i * 2654435761L) >> 7 & 1) == 0 ? 'a' : 'b'));
        string body = $$$"""{"model":"router/slow","metadata":{"text":"{{{letters}}}"},"prompt_variables":{"text":"{{{letters}}}"},"messages":[{"role":"user","content":"Hi"}]}""";
        using (HttpResponseMessage one = await _client.SendAsync(Chat(body), Cancel))
        {
            Assert.True(one.IsSuccessStatusCode, await one.Content.ReadAsStringAsync(Cancel));
        }

        await MeasureAsync("saved router", async stop =>
        {
            while (true)
            {
                using HttpResponseMessage response = await _client.SendAsync(Chat(body), stop);
                await response.Content.CopyToAsync(Stream.Null, stop);
            }
        });
    }

    private HttpRequestMessage Chat(string body)
    {
        HttpRequestMessage request = two.Chat(body);
        request.RequestUri = new Uri($"http://127.0.0.1:{two.Replicas[0].Port}{request.RequestUri}");
        return request;
    }

    /// <summary>Whatever else the machine does may hold callers up in one round; an attack that owns a thread does in each.</summary>
    private async Task MeasureAsync(string name, Func<CancellationToken, Task> attack)
    {
        for (int round = 1; !await IsFairAsync(name, attack); round++)
        {
            Assert.True(round < Rounds, $"Others were held up in each of {Rounds} rounds.");
        }
    }

    private async Task<bool> IsFairAsync(string name, Func<CancellationToken, Task> attack)
    {
        double idle = await WaitedAsync(TimeSpan.FromMilliseconds(300));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        // As many as there are threads that poll.
        Task[] attackers = [.. Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)).Select(_ => Task.Run(() => attack(stop.Token), Cancel))];
        double attacked = await WaitedAsync(Attack);
        await stop.CancelAsync();
        await Task.WhenAll(attackers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: p99 {idle:F0} ms idle, {attacked:F0} ms under attack"));
        return attacked <= idle + Bound.TotalMilliseconds;
    }

    /// <summary>The 99th percentile, in milliseconds, of what twelve callers wait.</summary>
    private async Task<double> WaitedAsync(TimeSpan time)
    {
        ConcurrentBag<double> waited = [];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            do
            {
                long started = Stopwatch.GetTimestamp();
                using HttpResponseMessage response = await _client.SendAsync(Chat("""{"model":"flood/calm","messages":[{"role":"user","content":"Hi"}]}"""), Cancel);
                Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
                waited.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                await Task.Delay(20, Cancel);
            }
            while (clock.Elapsed < time);
        }));
        double[] ordered = [.. waited.Order()];
        return ordered[(int)(ordered.Length * 0.99)];
    }
}
