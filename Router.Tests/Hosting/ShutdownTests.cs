using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Hosting;
using Router.Core.Chat;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Hosting;

/// <summary>What a caller sees of an API that is told to stop.</summary>
public sealed class ShutdownTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Slow = "sim-good-shutdown-slow";
    private const string Late = "sim-good-shutdown-late";
    private const string Short = "sim-good-shutdown-short";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_goes_first_what_comes_is_served_what_runs_ends_and_what_runs_too_long_is_told()
    {
        await ScriptAsync(Slow, """{"chunks":2000,"delayBetweenChunksMs":20}""");
        await ScriptAsync(Late, """{"delayBeforeHeadersMs":60000}""");
        await ScriptAsync(Short, """{"chunks":40,"delayBetweenChunksMs":40}""");
        var receipts = new Receipts();
        var logs = new RecordingLogs();
        await using ApiHost api = await StartAsync(receipts, logs, drain: "00:00:01", timeout: "00:00:03");

        using HttpResponseMessage slow = await SendAsync(api, Slow, stream: true);
        using HttpResponseMessage ending = await SendAsync(api, Short, stream: true);
        Task<HttpResponseMessage> late = SendAsync(api, Late, stream: false);
        await Eventually.HoldsAsync(() => Running(api) == 3, TimeSpan.FromSeconds(10), Cancel);
        Task<string> told = slow.Content.ReadAsStringAsync(Cancel);
        Task<string> ended = ending.Content.ReadAsStringAsync(Cancel);
        Task stopped = api.StopAsync(Cancel);

        // Balancers see it before it is gone: a connection that is kept is given up, and a new one is served.
        using (HttpResponseMessage health = await api.Client.GetAsync(new Uri("/health", UriKind.Relative), Cancel))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (health.StatusCode, health.Headers.ConnectionClose));
        }

        using (HttpResponseMessage served = await SendAsync(api, "sim-good-shutdown", stream: false))
        {
            Assert.Equal((HttpStatusCode.OK, true), (served.StatusCode, served.Headers.ConnectionClose));
        }

        Assert.EndsWith("data: [DONE]\n\n", await ended, StringComparison.Ordinal);
        Assert.False(stopped.IsCompleted);
        await Eventually.HoldsAsync(() => !Listens(api), TimeSpan.FromSeconds(10), Cancel);

        string[] events = (await told).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        JsonNode last = JsonNode.Parse(events[^1]["data: ".Length..])!;
        Assert.Equal(("shutting_down", "server_error"), ((string?)last["error"]!["code"], (string?)last["error"]!["type"]));
        Assert.Equal("shutting_down", (string?)last["metadata"]!["attempts"]![0]!["error"]!["code"]);
        using HttpResponseMessage refused = await late;
        JsonNode body = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "shutting_down", TimeSpan.FromSeconds(1)), (refused.StatusCode, (string?)body["error"]!["code"], refused.Headers.RetryAfter?.Delta));
        await stopped;

        Assert.Equal(["success", "success", "shutting_down", "shutting_down"], receipts.All.Select(receipt => receipt.Outcome).OrderByDescending(outcome => outcome, StringComparer.Ordinal));
        UsageRecord cut = receipts.All.Single(receipt => receipt is { Outcome: "shutting_down", Stream: true });
        Assert.True(cut is { Estimated: true, OutputTokens: > 20, InputTokens: > 0 }, cut.ToString());
        Assert.DoesNotContain("abandoned by its caller", logs.Text, StringComparison.Ordinal);
        Assert.Contains("got 503 shutting_down", logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_does_not_read_is_not_said_to_have_left()
    {
        await ScriptAsync(Slow + "-mute", $$"""{"chunks":100000,"chunkText":"{{new string('x', 4000)}}"}""");
        var receipts = new Receipts();
        var logs = new RecordingLogs();
        await using ApiHost api = await StartAsync(receipts, logs, drain: "00:00:00", timeout: "00:00:00.300");
        using HttpResponseMessage mute = await SendAsync(api, Slow + "-mute", stream: true);
        using var patience = new CancellationTokenSource();
        Task stopped = api.StopAsync(patience.Token);
        await Eventually.HoldsAsync(() => api.Services.GetRequiredService<AttemptClocks>().Ending.IsCancellationRequested, TimeSpan.FromSeconds(10), Cancel);
        // As when the time of the host runs out: connections are reset.
        await patience.CancelAsync();
        await Task.WhenAny(stopped);
        await Eventually.HoldsAsync(() => receipts.All.Count == 1 && logs.Text.Contains("shutting_down", StringComparison.Ordinal), TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal("shutting_down", receipts.All[0].Outcome);
        Assert.DoesNotContain("abandoned by its caller", logs.Text, StringComparison.Ordinal);
    }

    private static bool Listens(ApiHost api)
    {
        try
        {
            using var client = new System.Net.Sockets.TcpClient();
            client.Connect(IPAddress.Loopback, api.Client.BaseAddress!.Port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static int Running(ApiHost api) => api.Services.GetRequiredService<AttemptClocks>().Running().Count;

    private Task<ApiHost> StartAsync(Receipts receipts, RecordingLogs logs, string drain, string timeout)
    {
        (string, string)[] settings = [("Router:Shutdown:Drain", drain), ("Router:Shutdown:Timeout", timeout)];
        IConfiguration shutdown = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2))).Build();
        return ApiHost.StartAsync(
            pipeline.Simulator.BaseAddress!.ToString(),
            logs,
            null,
            null,
            services =>
            {
                services.AddGracefulShutdown(shutdown);
                services.AddSingleton<IRequestObserver>(receipts);
            },
            settings);
    }

    private async Task ScriptAsync(string key, string script) =>
        (await pipeline.Simulator.PutAsync($"/_simulator/keys/{key}", new StringContent(script, Encoding.UTF8, "application/json"), Cancel)).EnsureSuccessStatusCode();

    private static Task<HttpResponseMessage> SendAsync(ApiHost api, string key, bool stream)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(
                $$$"""{"model":"openai/gpt-4o","stream":{{{(stream ? "true" : "false")}}},"byok_only":true,"provider_credentials":{"openai":{"api_key":"{{{key}}}"}},"messages":[{"role":"user","content":"Tell me something long."}]}""",
                Encoding.UTF8,
                "application/json"),
        };
        return api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    /// <summary>What would be written of each attempt.</summary>
    private sealed class Receipts : IRequestObserver
    {
        private readonly List<UsageRecord> _all = [];

        public IReadOnlyList<UsageRecord> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public void Ended(RouteRequest request)
        {
            lock (_all)
            {
                _all.AddRange(request.Attempts.Where(attempt => !attempt.Skipped).Select((attempt, i) => UsageRecorder.Record(request, attempt, i + 1)));
            }
        }
    }
}
