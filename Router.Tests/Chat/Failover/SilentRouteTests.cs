using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Tests.Support;

namespace Router.Tests.Chat.Failover;

/// <summary>How long a silent provider is waited for, with nothing configured.</summary>
public sealed class SilentRouteTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Next = ",\"models\":[\"groq/b\"]";
    private const string Patient = ",\"fallback\":{\"deadline\":\"30m\"}";

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<double> _calls = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("openai/gpt-4o", "", "a model that does not reason")]
    [InlineData("openai/anything", "", "a model nobody knows")]
    [InlineData("openai/anything", ",\"reasoning_effort\":\"none\"", "a request that says it does not")]
    [InlineData("openai/anything", ",\"reasoning_effort\":\"minimal\"", "a request that says it hardly does")]
    public async Task A_stream_that_another_route_may_take_over_has_begun_within_fifteen_seconds(string model, string members, string why)
    {
        ChatRequest request = Request(model, stream: true, Next + members);
        Assert.Equal("fine", await AskAsync(request, silentCalls: 1));
        Assert.True(_calls is [0, >= 10 and <= 14], why);
    }

    [Theory]
    [InlineData("anthropic/claude-sonnet-5", "", "a model that reasons by the catalog")]
    [InlineData("anthropic/claude-haiku-5-5", "", "by its name, for Claude")]
    [InlineData("google-ai-studio/gemini-3-unlisted", "", "by its name, for Gemini")]
    [InlineData("openai/o4-unlisted", "", "by its name, for OpenAI")]
    [InlineData("openai/anything", ",\"reasoning_effort\":\"high\"", "a request that says so")]
    [InlineData("openai/anything", ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}", "a request that says so in another vendor's words")]
    [InlineData("openai/anything", ",\"reasoning\":{\"effort\":\"low\"}", "a request that says so in a third way")]
    public async Task What_reasons_may_think_for_minutes(string model, string members, string why)
    {
        await AskAsync(Request(model, stream: true, Next + Patient + members), silentCalls: 1, step: Long);
        Assert.True(_calls is [0, >= 299 and <= 330], why);
    }

    [Theory]
    [InlineData(Patient, "no other route")]
    [InlineData(",\"models\":[\"groq/b\"],\"fallback\":{\"max_attempts\":1,\"deadline\":\"30m\"}", "no attempt left for it")]
    public async Task Without_another_route_a_silent_stream_ends_inside_a_hundred_seconds(string members, string why)
    {
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => AskAsync(Request("openai/anything", stream: true, members), silentCalls: 9));
        Assert.Equal(504, error.Error.Status);
        Assert.True((_time.GetUtcNow() - _time.Start).TotalSeconds is >= 40 and < 100, why);
    }

    [Fact]
    public async Task The_last_entry_of_a_plan_has_the_usual_limit()
    {
        await Assert.ThrowsAsync<RouterException>(() => AskAsync(Request("openai/anything", stream: true, Next + Patient), silentCalls: 9));
        Assert.InRange(_calls[1], 11, 14);
        Assert.InRange(_calls[2] - _calls[1], 44, 46);
    }

    [Theory]
    [InlineData("openai/anything", Patient, 80)]
    [InlineData("openai/anything", ",\"fallback\":{\"ttft_timeout\":\"300ms\",\"deadline\":\"30m\"}", 80)]
    [InlineData("openai/anything", Patient + ",\"max_tokens\":8000", 180)]
    [InlineData("openai/anything", Patient + ",\"reasoning_effort\":\"high\"", 240)]
    [InlineData("anthropic/claude-sonnet-5", Patient, 240)]
    public async Task A_json_answer_has_the_time_it_may_take(string model, string members, int seconds)
    {
        Assert.Equal("fine", await AskAsync(Request(model, stream: false, Next + members), silentCalls: 0, TimeSpan.FromSeconds(seconds), Long));
        Assert.Single(_calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"max_tokens\":500")]
    public async Task A_silent_json_answer_ends_inside_a_hundred_seconds_and_is_not_asked_for_again(string members)
    {
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => AskAsync(Request("openai/anything", stream: false, Patient + members), silentCalls: 9, step: Long));
        Assert.Equal(504, error.Error.Status);
        Assert.InRange((_time.GetUtcNow() - _time.Start).TotalSeconds, 80, 100);
        Assert.Single(_calls);
    }

    [Fact]
    public async Task The_requests_own_limit_takes_the_place_of_ours()
    {
        await AskAsync(Request("openai/anything", stream: true, Next + ",\"fallback\":{\"ttft_timeout\":\"60s\",\"deadline\":\"30m\"}"), silentCalls: 1);
        Assert.InRange(_calls[1], 59, 61);
    }

    /// <param name="step">By how much the clock moves at a time, where minutes pass.</param>
    private async Task<string> AskAsync(ChatRequest request, int silentCalls, TimeSpan late = default, TimeSpan? step = null)
    {
        var router = new ScriptedRouter(pipeline, (_, _) => throw new InvalidOperationException(), time: _time, transport: new Upstream(this, silentCalls, late));
        return await router.AskAsync(request, Cancel, step);
    }

    private ChatRequest Request(string model, bool stream, string members) =>
        pipeline.Request($$$"""{"model":"{{{model}}}","messages":[{"role":"user","content":"Hi"}],"stream":{{{(stream ? "true" : "false")}}}{{{members}}}}""");

    private sealed class Upstream(SilentRouteTests test, int silentCalls, TimeSpan late) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            test._calls.Add((test._time.GetUtcNow() - test._time.Start).TotalSeconds);
            if (test._calls.Count <= silentCalls)
            {
                await Task.Delay(TimeSpan.FromHours(1), test._time, cancellationToken);
            }

            await Task.Delay(late, test._time, cancellationToken);
            return ScriptedRouter.GoodFor(request);
        }
    }
}
