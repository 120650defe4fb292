using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Tests.Support;

/// <summary>The pipeline over a scripted transport, under a clock that the test moves.</summary>
internal sealed class ScriptedRouter
{
    public const string Good = """{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""";

    public const string GoodStream = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private const string GoodGemini = """{"candidates":[{"content":{"role":"model","parts":[{"text":"fine"}]},"finishReason":"STOP","index":0}]}""";

    private const string GoodMessage = """{"type":"message","role":"assistant","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn"}""";

    private const string GoodMessageStream = """
        data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[]}}

        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"fine"}}

        data: {"type":"content_block_stop","index":0}

        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

        data: {"type":"message_stop"}


        """;

    private const int MostWaits = 50;

    private readonly IChatClient _router;
    private readonly DateTimeOffset _start;

    /// <param name="one">One leaf for each provider, with what it remembers, instead of a new one for each attempt.</param>
    /// <param name="transport">In place of the script, for what takes time.</param>
    public ScriptedRouter(
        Pipeline pipeline,
        Func<HttpRequestMessage, int, HttpResponseMessage> provider,
        ChatLimits? limits = null,
        FakeTimeProvider? time = null,
        ISnapshotSource? snapshots = null,
        IRouteStatistics? statistics = null,
        bool one = false,
        ICredentialHealth? health = null,
        HttpMessageHandler? transport = null)
    {
        Time = time ?? new();
        _start = Time.GetUtcNow();
        var http = new HttpMessageInvoker(transport ?? new Handler(this, provider));
        health ??= Health;
        Breakers = new RouteBreakers(Time);
        _router = new ChatClientBuilder(new FallbackChatClient(
            one ? new Kept(http) : new Clients(http), health, limits ?? ChatLimits.Default, Time, statistics, keys: snapshots is null ? null : new CurrentKeys(snapshots), breakers: Breakers))
            .UseRequestTelemetry()
            .UseRoutePlanning(pipeline.Knowledge with { Health = health, Breakers = Breakers }, new Exploration(0), TimeSpan.FromMinutes(1), Time)
            .Build();
    }

    public FakeTimeProvider Time { get; }

    /// <summary>What the pipeline asks unless it was given another.</summary>
    public OpenHealth Health { get; } = new();

    public RouteBreakers Breakers { get; }

    /// <summary>When each upstream request was made, in seconds from the start, and where.</summary>
    public List<(double At, string Url)> Calls { get; } = [];

    /// <summary>Runs the request to its end, moving the clock while it waits.</summary>
    public async Task<string> AskAsync(ChatRequest request, CancellationToken cancellationToken, TimeSpan? step = null)
    {
        Task<string> answer = AnswerAsync(request, cancellationToken);
        await RunAsync(_ => answer, step);
        return await answer;
    }

    /// <summary>Runs what uses the pipeline to its end, moving the clock while it waits.</summary>
    /// <param name="step">By so much at a time, a tenth of a second where nothing is said: as exact as its times are.</param>
    public async Task RunAsync(Func<IChatClient, Task> use, TimeSpan? step = null)
    {
        Task running = use(_router);
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(4, CancellationToken.None));
            // On a busy machine what the clock has set going takes longer than that.
            for (int waits = 0; waits < MostWaits && ThreadPool.PendingWorkItemCount > 0 && !running.IsCompleted; waits++)
            {
                await Task.Delay(1, CancellationToken.None);
            }

            if (!running.IsCompleted)
            {
                Time.Advance(step ?? TimeSpan.FromMilliseconds(100));
            }
        }

        await running;
    }

    public static string Attempts(ChatRequest request) => string.Join(' ', request.Options.Request.Attempts.Select(attempt =>
        $"{attempt.Entry.Model}:{(attempt.Success ? "ok" : attempt.Skipped ? "skipped" : attempt.Error is { } error ? FailureConsequences.Code(error.Failure) : "cancelled")}"));

    /// <summary>A good answer in whatever dialect it was asked for.</summary>
    public static HttpResponseMessage GoodFor(HttpRequestMessage request)
    {
        string address = request.RequestUri!.AbsoluteUri;
        string body = request.Content!.ReadAsStringAsync(CancellationToken.None).GetAwaiter().GetResult();
        bool stream = address.Contains("stream", StringComparison.Ordinal) || body.Contains("\"stream\":true", StringComparison.Ordinal);
        (string whole, string events) = address.Contains("generateContent", StringComparison.OrdinalIgnoreCase) ? (GoodGemini, $"data: {GoodGemini}\n\n")
            : address.Contains("/messages", StringComparison.Ordinal) || address.Contains("awPredict", StringComparison.Ordinal) ? (GoodMessage, GoodMessageStream)
            : (Good, GoodStream);
        return address.EndsWith("/token", StringComparison.Ordinal) ? Json("""{"access_token":"ya29.t","expires_in":3599}""") : stream ? Events(events) : Json(whole);
    }

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK, double? retryAfter = null)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfter is { } seconds)
        {
            response.Headers.TryAddWithoutValidation("retry-after", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return response;
    }

    public static HttpResponseMessage Events(string body) =>
        new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "text/event-stream") };

    private async Task<string> AnswerAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        if (!request.Stream)
        {
            return (await _router.GetResponseAsync(request.Messages, request.Options, cancellationToken)).Text;
        }

        var text = new StringBuilder();
        await foreach (ChatResponseUpdate update in _router.GetStreamingResponseAsync(request.Messages, request.Options, cancellationToken))
        {
            text.Append(update.Text);
        }

        return text.ToString();
    }

    private sealed class Clients(HttpMessageInvoker http) : IProviderClients
    {
        public IProviderLeaf For(Provider provider) => Dialect.Of(provider.Definition.Dialect).Leaf(provider, http);
    }

    /// <summary>One leaf for each provider, with what it remembers.</summary>
    private sealed class Kept(HttpMessageInvoker http) : IProviderClients
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, IProviderLeaf> _leaves = new();

        public IProviderLeaf For(Provider provider) => _leaves.GetOrAdd(provider.Slug, _ => Dialect.Of(provider.Definition.Dialect).Leaf(provider, http));
    }

    private sealed class Handler(ScriptedRouter owner, Func<HttpRequestMessage, int, HttpResponseMessage> provider) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (owner.Calls)
            {
                owner.Calls.Add(((owner.Time.GetUtcNow() - owner._start).TotalSeconds, request.RequestUri!.AbsolutePath));
                return Task.FromResult(provider(request, owner.Calls.Count));
            }
        }
    }
}
