using System.Collections.Frozen;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Tests.Failures;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>
/// The operator's key serves every workspace. What one of them can have a provider say keeps the others from nothing: neither a sentence,
/// nor what is said of its request alone; and what a provider says by status and code holds the key back for ten minutes at most.
/// </summary>
public sealed class SharedKeyTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int, string> Errors() => ErrorTableTests.Numbers();

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task An_error_met_by_one_workspace_changes_nothing_for_another_unless_it_is_the_keys_for_sure(int number, string name)
    {
        VendorError error = VendorErrors.All[number];
        if (error.Status < 400)
        {
            Assert.Equal(FailureClass.Unknown, error.Expected);
            return;
        }

        foreach (bool stream in (bool[])[false, true])
        {
            bool faulty = true;
            var health = new CredentialHealth(new Nothing(), _time, new HealthOutbox());
            var router = new ScriptedRouter(
                pipeline,
                (request, _) => faulty && !request.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal) ? Refusal(error) : ScriptedRouter.GoodFor(request),
                time: _time,
                health: health);
            await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("one", error.Provider, stream), Cancel));
            string[] expected = await FreshAsync(error, stream);

            faulty = false;
            ChatRequest other = Request("two", error.Provider, stream);
            bool certain = FailureConsequences.OnKey(error.Expected) != KeyEffect.None && !error.ByWording && !error.OfRequest;
            if (certain)
            {
                await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(other, Cancel));
                _time.Advance(TimeSpan.FromMinutes(10));
                other = Request("two", error.Provider, stream);
            }

            Assert.True(await router.AskAsync(other, Cancel) == "fine", name);
            Assert.Equal(expected, Shape(other));
        }
    }

    [Theory]
    [InlineData("openai", 429, """{"error":{"message":"Rate limit reached. Please try again in 23h.","code":"rate_limit_exceeded"}}""", null)]
    [InlineData("openai", 429, """{"error":{"message":"slow","code":"rate_limit_exceeded"}}""", 86_400.0)]
    [InlineData("openai", 429, """{"error":{"message":"none","code":"insufficient_quota"}}""", 86_400.0)]
    [InlineData("google-ai-studio", 429, """{"error":{"code":429,"message":"Please retry in 86400s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x","retryDelay":"86400s"}]}}""", null)]
    [InlineData("anthropic", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}""", 86_400.0)]
    public async Task No_pause_a_provider_asks_for_keeps_the_shared_key_back_for_longer_than_ten_minutes(string provider, int status, string body, double? retryAfter)
    {
        bool faulty = true;
        var router = new ScriptedRouter(
            pipeline,
            (request, _) => faulty ? ScriptedRouter.Json(body, (HttpStatusCode)status, retryAfter) : ScriptedRouter.GoodFor(request),
            time: _time,
            health: new CredentialHealth(new Nothing(), _time, new HealthOutbox()));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("one", provider, stream: false), Cancel));
        Assert.True(error.Error.RetryAfter is null || error.Error.RetryAfter <= TimeSpan.FromMinutes(10), error.Error.RetryAfter.ToString());
        faulty = false;
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("fine", await router.AskAsync(Request("two", provider, stream: false), Cancel));
    }

    [Fact]
    public async Task The_callers_own_key_is_judged_by_the_same_sentence()
    {
        VendorError error = VendorErrors.All.First(error => error.Source.Contains("38035", StringComparison.Ordinal));
        var health = new CredentialHealth(new Nothing(), _time, new HealthOutbox());
        var router = new ScriptedRouter(pipeline, (request, call) => call == 1 ? Refusal(error) : ScriptedRouter.GoodFor(request), time: _time, health: health);
        ChatRequest request = pipeline.Request("""{"model":"anthropic/m","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"anthropic":{"api_key":"sk-ant-own-key"}}}""");
        Assert.Equal("fine", await router.AskAsync(request, Cancel));
        Assert.Equal("m:quota m:ok", ScriptedRouter.Attempts(request));
        request = pipeline.Request("""{"model":"anthropic/m","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"anthropic":{"api_key":"sk-ant-own-key"}}}""");
        await router.AskAsync(request, Cancel);
        Assert.Equal("m:skipped m:ok", ScriptedRouter.Attempts(request));
    }

    [Fact]
    public async Task A_key_that_lacks_a_scope_lives_and_the_scope_is_named()
    {
        VendorError error = VendorErrors.All.First(error => error.Body.Contains("missing_scope", StringComparison.Ordinal));
        var router = new ScriptedRouter(pipeline, (_, _) => Refusal(error), time: _time, health: new CredentialHealth(new Nothing(), _time, new HealthOutbox()));
        for (int i = 1; i <= 2; i++)
        {
            RouterException told = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(
                pipeline.Request("""{"model":"openai/m","byok_only":true,"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"sk-restricted-1"}}}"""), Cancel));
            Assert.Equal((404, "model_not_found"), (told.Error.Status, told.Error.Code));
            Assert.Contains("model.request", told.Error.Message, StringComparison.Ordinal);
            Assert.Equal(i, router.Calls.Count);
        }
    }

    [Fact]
    public async Task A_404_that_is_not_about_the_model_keeps_its_status_and_the_vendors_words()
    {
        VendorError error = VendorErrors.All.First(error => error.Body.Contains("tools is not supported in this model", StringComparison.Ordinal));
        var router = new ScriptedRouter(pipeline, (_, _) => Refusal(error), time: _time);
        RouterException told = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("one", "openai", stream: false), Cancel));
        Assert.Equal(404, told.Error.Status);
        Assert.StartsWith("tools is not supported in this model.", told.Error.Message, StringComparison.Ordinal);
    }

    /// <summary>What the other workspace gets where nobody met the error before it.</summary>
    private async Task<string[]> FreshAsync(VendorError error, bool stream)
    {
        var router = new ScriptedRouter(pipeline, (request, _) => ScriptedRouter.GoodFor(request), health: new CredentialHealth(new Nothing(), _time, new HealthOutbox()));
        ChatRequest request = Request("two", error.Provider, stream);
        Assert.Equal("fine", await router.AskAsync(request, Cancel));
        return Shape(request);
    }

    private static string[] Shape(ChatRequest request) =>
        [.. request.Options.Request.Plan!.Entries.Select(entry => $"{entry.QualifiedModel} {entry.Credential.Id} {entry.Health.Usable}"), ScriptedRouter.Attempts(request)];

    private ChatRequest Request(string workspace, string provider, bool stream) => pipeline.Services.GetRequiredService<ChatRequestReader>().Read(
        Encoding.UTF8.GetBytes($$$"""{"model":"{{{provider}}}/m","messages":[{"role":"user","content":"Hi"}],"stream":{{{(stream ? "true" : "false")}}}}"""),
        Pipeline.Workspace(null, id: workspace));

    private static HttpResponseMessage Refusal(VendorError error) =>
        new((HttpStatusCode)error.Status) { Content = new StringContent(error.Body, Encoding.UTF8, "application/json") };

    private sealed class Nothing : ISnapshotSource
    {
        public Snapshot Current { get; } = new(FrozenDictionary<string, RouterKey>.Empty, FrozenDictionary<string, Workspace>.Empty, 1, DateTimeOffset.UnixEpoch);
    }
}
