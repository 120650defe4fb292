using System.Diagnostics;
using System.Net;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>What happens when the chain is at its end: one more try, now or after the pause that was asked for.</summary>
public sealed class LastResortTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_short_rate_limit_is_waited_for_and_the_route_tried_once_more(bool stream)
    {
        using var spans = new Spans();
        ScriptedRouter router = new(pipeline, (_, call) => call == 1 ? Limited(5) : stream ? ScriptedRouter.Events(ScriptedRouter.GoodStream) : ScriptedRouter.Json(ScriptedRouter.Good));
        ChatRequest request = Request(stream ? "\"stream\":true" : "");
        Assert.Equal("fine", await router.AskAsync(request, Cancel));
        Assert.Equal("a:rate_limit a:ok", ScriptedRouter.Attempts(request));
        Assert.InRange(router.Calls[1].At, 5, 5.5);
        ActivityEvent wait = Assert.Single(spans.Of(request).Events, happened => happened.Name == Tags.WaitEvent);
        Assert.InRange((double)wait.Tags.Single(tag => tag.Key == Tags.WaitSeconds).Value!, 4.5, 5);
    }

    [Theory]
    [InlineData(10.5, "", "a longer pause than the router waits for")]
    [InlineData(5, "\"fallback\":{\"deadline\":\"4s\"}", "the pause ends after the deadline")]
    [InlineData(5, "\"fallback\":{\"max_attempts\":1}", "no attempt is left")]
    public async Task A_pause_that_does_not_fit_is_told_to_the_caller_at_once(double seconds, string members, string why)
    {
        ScriptedRouter router = new(pipeline, (_, _) => Limited(seconds));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request(members), Cancel));
        Assert.True(error.Error is { Status: 429, Code: "all_attempts_rate_limited" }, why);
        Assert.InRange(error.Error.RetryAfter!.Value.TotalSeconds, seconds - 0.5, seconds);
        Assert.Single(router.Calls);
    }

    [Fact]
    public async Task Waiting_can_be_turned_off()
    {
        ScriptedRouter router = new(pipeline, (_, _) => Limited(0.5), ChatLimits.Default with { LongestWait = TimeSpan.Zero });
        await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request(), Cancel));
        Assert.Single(router.Calls);
    }

    [Fact]
    public async Task A_route_still_limited_after_the_wait_is_not_waited_for_again()
    {
        ScriptedRouter router = new(pipeline, (_, call) => Limited(call == 1 ? 2 : 7));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request(), Cancel));
        Assert.Equal(429, error.Error.Status);
        Assert.InRange(error.Error.RetryAfter!.Value.TotalSeconds, 6.5, 7);
        Assert.Equal(2, router.Calls.Count);
    }

    [Fact]
    public async Task Of_several_limited_routes_the_one_that_is_free_first_is_waited_for()
    {
        ScriptedRouter router = new(pipeline, (call, number) => number > 2 ? ScriptedRouter.Json(ScriptedRouter.Good) : Limited(call.RequestUri!.AbsolutePath.StartsWith("/groq", StringComparison.Ordinal) ? 3 : 8));
        ChatRequest request = Request("\"models\":[\"groq/b\"]");
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:rate_limit b:rate_limit b:ok", ScriptedRouter.Attempts(request));
        Assert.InRange(router.Calls[2].At, 3, 3.5);
    }

    [Fact]
    public async Task A_key_that_is_cooling_down_is_waited_for_when_no_other_may_serve()
    {
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(ScriptedRouter.Good));
        string system = pipeline.Providers.All.Single(provider => provider.Slug == "openai").SystemCredential!.Id;
        router.Health.Known[system] = new HealthVerdict(false, FailureClass.RateLimit, router.Time.GetUtcNow() + TimeSpan.FromSeconds(4));
        ChatRequest request = Request();
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:skipped a:ok", ScriptedRouter.Attempts(request));
        Assert.InRange(Assert.Single(router.Calls).At, 4, 4.5);
    }

    [Fact]
    public async Task Nothing_is_waited_for_after_a_fault_of_the_caller()
    {
        ScriptedRouter router = new(pipeline, (_, call) => call == 1 ? Limited(1) : ScriptedRouter.Json("""{"error":{"message":"no","type":"invalid_request_error"}}""", HttpStatusCode.BadRequest));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("\"models\":[\"groq/b\"]"), Cancel));
        Assert.Equal(400, error.Error.Status);
        Assert.Equal(2, router.Calls.Count);
    }

    [Fact]
    public async Task A_caller_that_leaves_while_the_router_waits_causes_no_further_call()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        ScriptedRouter router = new(pipeline, (_, _) => Limited(4));
        // Held on to: a timer that nobody holds is collected, and never fires.
        await using ITimer leaves = router.Time.CreateTimer(_ => caller.Cancel(), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => router.AskAsync(Request(), caller.Token));
        Assert.Single(router.Calls);
    }

    [Fact]
    public async Task A_passing_trouble_is_tried_once_more_after_the_pause_it_asks_for_though_later_keys_are_dead()
    {
        ScriptedRouter router = new(pipeline, (_, call) => call == 1 ? ScriptedRouter.Json("{}", HttpStatusCode.ServiceUnavailable, 3) : ScriptedRouter.Json(ScriptedRouter.Good));
        router.Health.Known[pipeline.Providers.All.Single(provider => provider.Slug == "groq").SystemCredential!.Id] = new HealthVerdict(false, FailureClass.Credential, null);
        ChatRequest request = Request("\"models\":[\"groq/b\"]");
        Assert.Equal("fine", await router.AskAsync(request, Cancel));
        Assert.Equal("a:transient b:skipped a:ok", ScriptedRouter.Attempts(request));
        Assert.InRange(router.Calls[1].At, 3, 3.5);
    }

    [Fact]
    public async Task A_rate_limit_and_a_passing_trouble_get_one_more_try_each()
    {
        ScriptedRouter router = new(pipeline, (call, number) => call.RequestUri!.AbsolutePath.StartsWith("/groq", StringComparison.Ordinal)
            ? ScriptedRouter.Json("{}", HttpStatusCode.ServiceUnavailable)
            : number == 1 ? Limited(3) : ScriptedRouter.Json(ScriptedRouter.Good));
        ChatRequest request = Request("\"models\":[\"groq/b\"]");
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:rate_limit b:transient b:transient a:ok", ScriptedRouter.Attempts(request));
    }

    private ChatRequest Request(string members = "") =>
        pipeline.Request($$$"""{"model":"openai/a","messages":[{"role":"user","content":"Hi"}]{{{(members.Length > 0 ? "," + members : "")}}}}""");

    private static HttpResponseMessage Limited(double seconds) =>
        ScriptedRouter.Json("""{"error":{"message":"slow down","code":"rate_limit_exceeded"}}""", HttpStatusCode.TooManyRequests, seconds);

    /// <summary>The spans of requests, by generation id: other tests run beside this one.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;
        private readonly List<Activity> _seen = [];

        public Spans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source == RouterTelemetry.Source,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    lock (_seen)
                    {
                        _seen.Add(activity);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public Activity Of(ChatRequest request)
        {
            lock (_seen)
            {
                return _seen.Single(activity => activity.Kind == ActivityKind.Internal && (string?)activity.GetTagItem(Tags.GenerationId) == request.Options.Request.GenerationId);
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
