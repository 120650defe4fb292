using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Tests.Support;

/// <summary>The pipeline over a scripted transport, under a clock that the test moves.</summary>
internal sealed class ScriptedRouter
{
    public const string Good = """{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""";

    public const string GoodStream = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private readonly IChatClient _router;
    private readonly DateTimeOffset _start;

    public ScriptedRouter(Pipeline pipeline, Func<HttpRequestMessage, int, HttpResponseMessage> provider, ChatLimits? limits = null, FakeTimeProvider? time = null, ISnapshotSource? snapshots = null)
    {
        Time = time ?? new();
        _start = Time.GetUtcNow();
        var http = new HttpMessageInvoker(new Handler(this, provider));
        _router = new ChatClientBuilder(new FallbackChatClient(new Clients(http), Health, limits ?? ChatLimits.Default, Time, keys: snapshots is null ? null : new CurrentKeys(snapshots)))
            .UseRequestTelemetry()
            .UseRoutePlanning(pipeline.Knowledge with { Health = Health }, new Exploration(0), TimeSpan.FromMinutes(1), Time)
            .Build();
    }

    public FakeTimeProvider Time { get; }

    public OpenHealth Health { get; } = new();

    /// <summary>When each upstream request was made, in seconds from the start, and where.</summary>
    public List<(double At, string Url)> Calls { get; } = [];

    /// <summary>Runs the request to its end, moving the clock while it waits.</summary>
    public async Task<string> AskAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        Task<string> answer = AnswerAsync(request, cancellationToken);
        await RunAsync(_ => answer);
        return await answer;
    }

    /// <summary>Runs what uses the pipeline to its end, moving the clock while it waits.</summary>
    public async Task RunAsync(Func<IChatClient, Task> use)
    {
        Task running = use(_router);
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(4, CancellationToken.None));
            if (!running.IsCompleted)
            {
                Time.Advance(TimeSpan.FromMilliseconds(100));
            }
        }

        await running;
    }

    public static string Attempts(ChatRequest request) => string.Join(' ', request.Options.Request.Attempts.Select(attempt =>
        $"{attempt.Entry.Model}:{(attempt.Success ? "ok" : attempt.Skipped ? "skipped" : attempt.Error is { } error ? FailureConsequences.Code(error.Failure) : "cancelled")}"));

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
