using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>One more try on the same route before the next model, and the times a caller is told.</summary>
public sealed class EarlyRepeatTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Next = "\"models\":[\"groq/b\"]";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(500, null, 0)]
    [InlineData(503, 1.5, 1.5)]
    [InlineData(429, 2.0, 2)]
    [InlineData(429, 0.2, 0.2)]
    public async Task The_first_model_gets_a_second_try_before_the_next(int status, double? retryAfter, double at)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            ScriptedRouter router = new(pipeline, (request, call) => call == 1 ? Fails(status, retryAfter) : ScriptedRouter.GoodFor(request));
            ChatRequest request = Request(Next, stream: stream);
            Assert.Equal("fine", await router.AskAsync(request, Cancel));
            Assert.Equal($"a:{Code(status)} a:ok", ScriptedRouter.Attempts(request));
            Assert.InRange(router.Calls[1].At, at, at + 0.4);
        }
    }

    [Theory]
    [InlineData(500, null)]
    [InlineData(429, 1.0)]
    public async Task A_second_failure_moves_on_and_the_first_model_gets_no_third_try(int status, double? retryAfter)
    {
        ScriptedRouter router = new(pipeline, (_, _) => Fails(status, retryAfter));
        ChatRequest request = Request(Next);
        await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.Equal($"a:{Code(status)} a:{Code(status)} b:{Code(status)} b:{Code(status)}", ScriptedRouter.Attempts(request));
        Assert.Equal(4, router.Calls.Count);
    }

    [Theory]
    [InlineData(429, 2.5, "a longer pause")]
    [InlineData(429, 0.0, "no time at all")]
    [InlineData(429, null, "none named")]
    [InlineData(503, 3.0, "a longer pause")]
    [InlineData(408, null, "no 5xx")]
    public async Task Anything_else_moves_on_at_once(int status, double? retryAfter, string why)
    {
        ScriptedRouter router = new(pipeline, (request, call) => call == 1 ? Fails(status, retryAfter) : ScriptedRouter.GoodFor(request));
        ChatRequest request = Request(Next);
        Assert.Equal("fine", await router.AskAsync(request, Cancel));
        Assert.True($"a:{Code(status)} b:ok" == ScriptedRouter.Attempts(request), why);
    }

    [Fact]
    public async Task The_system_key_is_the_better_second_try_and_gets_its_own()
    {
        ScriptedRouter router = new(pipeline, (request, call) => call < 3 ? Fails(429, 1) : ScriptedRouter.GoodFor(request));
        ChatRequest request = Request(Next, savedKey: "sim-good-own");
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:rate_limit a:rate_limit a:ok", ScriptedRouter.Attempts(request));
        Assert.Equal("byok system system", string.Join(' ', request.Options.Request.Attempts.Select(attempt => attempt.Entry.Credential.Type.ToString().ToLowerInvariant())));
        Assert.InRange(router.Calls[1].At, 0, 0.1);
        Assert.InRange(router.Calls[2].At, 1, 1.4);
    }

    [Fact]
    public async Task A_server_error_does_not_cross_so_the_own_key_gets_it()
    {
        ScriptedRouter router = new(pipeline, (request, call) => call < 3 ? Fails(500, null) : ScriptedRouter.GoodFor(request));
        ChatRequest request = Request(Next, savedKey: "sim-good-own");
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:transient a:transient b:ok", ScriptedRouter.Attempts(request));
        Assert.Equal("own own system", string.Join(' ', request.Options.Request.Attempts.Select(attempt => attempt.Entry.Credential.Source == "saved" ? "own" : "system")));
    }

    [Fact]
    public async Task The_last_attempt_of_the_budget_is_the_next_models()
    {
        ScriptedRouter router = new(pipeline, (request, call) => call == 1 ? Fails(500, null) : ScriptedRouter.GoodFor(request));
        ChatRequest request = Request(Next + ",\"fallback\":{\"max_attempts\":2}");
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:transient b:ok", ScriptedRouter.Attempts(request));
    }

    [Fact]
    public async Task A_request_too_large_for_its_keys_minute_tries_another_key_and_cools_none()
    {
        ScriptedRouter router = new(pipeline, (request, call) => call == 1 ? TooLarge() : ScriptedRouter.GoodFor(request));
        ChatRequest request = Request("", savedKey: "sim-good-own");
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:rate_limit a:ok", ScriptedRouter.Attempts(request));
        Assert.DoesNotContain(router.Health.Reports, report => report.Failure is not null);

        router = new(pipeline, (_, _) => TooLarge());
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("", savedKey: "sim-good-own"), Cancel));
        Assert.Equal((429, "all_attempts_rate_limited", null), (error.Error.Status, error.Error.Code, error.Error.RetryAfter));
        Assert.Equal(2, router.Calls.Count);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(0.0, false)]
    [InlineData(null, true)]
    [InlineData(0.0, true)]
    public async Task A_lone_rate_limit_without_a_time_ends_at_once_and_tells_the_cooldown_that_holds(double? retryAfter, bool stream)
    {
        var time = new FakeTimeProvider();
        var health = new CredentialHealth(new Nothing(), time, new HealthOutbox());
        ScriptedRouter router = new(pipeline, (_, _) => Fails(429, retryAfter), time: time, health: health);
        RouterException first = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("", stream: stream), Cancel));
        Assert.Equal((429, Cooldowns.RateLimitFirst), (first.Error.Status, first.Error.RetryAfter));
        Assert.Equal(TimeSpan.Zero, TimeSpan.FromSeconds(router.Calls.Single().At));

        RouterException second = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("", stream: stream), Cancel));
        Assert.Equal(429, second.Error.Status);
        Assert.InRange(second.Error.RetryAfter!.Value.TotalSeconds, 13, 15);
        Assert.Single(router.Calls);
    }

    [Fact]
    public async Task A_date_to_come_back_at_counts_from_our_clock_where_the_provider_sends_none()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero));
        ScriptedRouter router = new(
            pipeline,
            (_, _) =>
            {
                HttpResponseMessage response = Fails(429, null);
                response.Headers.TryAddWithoutValidation("retry-after", "Mon, 23 Nov 2026 10:00:30 GMT");
                return response;
            },
            time: time,
            health: new CredentialHealth(new Nothing(), time, new HealthOutbox()));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request(), Cancel));
        Assert.Equal(TimeSpan.FromSeconds(30), error.Error.RetryAfter);
    }

    [Fact]
    public async Task A_models_slip_is_tried_once_more_and_then_told_in_the_vendors_words()
    {
        const string Slip = """{"error":{"message":"Tool choice is required, but model did not call a tool","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"maybe"}}""";
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(Slip, HttpStatusCode.BadRequest));
        ChatRequest request = pipeline.Request("""{"model":"groq/b","messages":[{"role":"user","content":"Hi"}]}""");
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.Equal(2, router.Calls.Count);
        Assert.Equal((400, "tool_use_failed"), (error.Error.Status, error.Error.Code));
        Assert.Contains("\"failed_generation\":\"maybe\"", System.Text.Encoding.UTF8.GetString(error.Error.Raw!.Value.Span), StringComparison.Ordinal);
    }

    private ChatRequest Request(string members = "", string? savedKey = null, bool stream = false) => pipeline.Request(
        $$$"""{"model":"openai/a","messages":[{"role":"user","content":"Hi"}],"stream":{{{(stream ? "true" : "false")}}}{{{(members.Length > 0 ? "," + members : "")}}}}""", savedKey);

    private static string Code(int status) => status == 429 ? "rate_limit" : "transient";

    private static HttpResponseMessage Fails(int status, double? retryAfter) => ScriptedRouter.Json("{}", (HttpStatusCode)status, retryAfter);

    private static HttpResponseMessage TooLarge() => ScriptedRouter.Json(
        """{"error":{"message":"Request too large for gpt-4o in organization org-0 on tokens per min (TPM): Limit 30000, Requested 61337.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""", HttpStatusCode.TooManyRequests, 1);

    private sealed class Nothing : ISnapshotSource
    {
        public Snapshot Current { get; } = new(FrozenDictionary<string, RouterKey>.Empty, FrozenDictionary<string, Workspace>.Empty, 1, DateTimeOffset.UnixEpoch);
    }
}
