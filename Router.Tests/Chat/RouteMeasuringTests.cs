using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Chat.State;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>What finished attempts leave behind, through the real pipeline.</summary>
public sealed class RouteMeasuringTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_gives_latency_and_throughput()
    {
        await RunAsync("openai/measured-stream", """ "stream":true """);
        RouteMeasurement measured = pipeline.Statistics.Find("openai/measured-stream", null);
        Assert.True(measured.Latency > TimeSpan.Zero);
        Assert.True(measured.Throughput > 0);
    }

    [Fact]
    public async Task A_JSON_answer_gives_throughput_alone()
    {
        await RunAsync("openai/measured-json", """ "stream":false """);
        RouteMeasurement measured = pipeline.Statistics.Find("openai/measured-json", null);
        Assert.Null(measured.Latency);
        Assert.True(measured.Throughput > 0);
    }

    [Theory]
    [InlineData("down", """ "simulate":{"status":503} """, true)]
    [InlineData("cut", """ "stream":true,"simulate":{"cutAfterChunks":1} """, true)]
    [InlineData("refused", """ "simulate":{"status":400} """, false)]
    [InlineData("limited", """ "provider_credentials":{"openai":{"api_key":"sim-ratelimited-30","fallback_to_system":false}} """, false)]
    [InlineData("no-access", """ "provider_credentials":{"openai":{"api_key":"sim-noaccess","fallback_to_system":false}} """, false)]
    [InlineData("late", """ "stream":true,"fallback":{"deadline":"50ms"},"simulate":{"delayBeforeFirstTokenMs":5000} """, false)]
    public async Task Only_failures_of_the_providers_own_make_a_route_failing(string model, string members, bool failing)
    {
        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => RunAsync($"openai/{model}", members));
        }

        Assert.Equal(failing, pipeline.Statistics.Find($"openai/{model}", "default").Failing);
    }

    [Fact]
    public async Task The_time_a_slow_caller_takes_to_read_does_not_count()
    {
        var time = new FakeTimeProvider();
        var statistics = new RouteStatistics(time, Microsoft.Extensions.Options.Options.Create(new RouteStatisticsOptions()));
        ChatRequest request = pipeline.Request("""{"model":"openai/slow-reader","stream":true,"messages":[{"role":"user","content":"Hi"}]}""");
        var entry = Core.Routing.RoutePlanner.Plan(new(request.Options.Request.Model, request.Options.Request.Options, request.Options.Request.Workspace), pipeline.Knowledge).Entries[0];
        using var client = new AttemptChatClient(new Scripted(entry.Provider, time), entry, entry.Credential.Secret!, OpaqueState.None, new AttemptServices(AttemptLimits.Default, time, statistics));
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([], request.Options, Cancel))
        {
            time.Advance(TimeSpan.FromSeconds(30));
        }

        RouteMeasurement measured = statistics.Find("openai/slow-reader", null);
        Assert.Equal((2.0, 10.0), (measured.Latency!.Value.TotalSeconds, measured.Throughput!.Value));
    }

    private async Task RunAsync(string model, string members)
    {
        ChatRequest request = pipeline.Request($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Say something"}],{{members}}}""");
        if (!request.Stream)
        {
            await pipeline.Router.GetResponseAsync(request.Messages, request.Options, Cancel);
            return;
        }

        await foreach (ChatResponseUpdate update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
        {
            Assert.NotNull(update);
        }
    }

    /// <summary>A role at once, the first word after two seconds, the last with 40 tokens after two more.</summary>
    private sealed class Scripted(Core.Providers.Provider provider, FakeTimeProvider time) : Core.Providers.ProviderLeaf(provider, null)
    {
        public override Core.Providers.PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream) =>
            new(Provider.BaseUrl, AttemptOf(options), KeyOf(options));

        public override Task<ChatResponse> SendAsync(Core.Providers.PreparedRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(Core.Providers.PreparedRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, []);
            time.Advance(TimeSpan.FromSeconds(2));
            yield return new ChatResponseUpdate(ChatRole.Assistant, "Hello");
            time.Advance(TimeSpan.FromSeconds(2));
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { OutputTokenCount = 40 })]);
        }
    }
}
