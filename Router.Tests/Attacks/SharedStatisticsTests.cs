using System.Net;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Tests.Support;

namespace Router.Tests.Attacks;

/// <summary>All workspaces are ranked by the same measurements: no single one can spoil them for the others.</summary>
public sealed class SharedStatisticsTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_one_workspace_makes_a_provider_fail_on_moves_the_route_for_nobody_else(bool own)
    {
        var statistics = new RouteStatistics(TimeProvider.System, Microsoft.Extensions.Options.Options.Create(new RouteStatisticsOptions()));
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json("{}", HttpStatusCode.InternalServerError), statistics: statistics);
        string credentials = own ? ",\"provider_credentials\":{\"groq\":{\"api_key\":\"gsk_of-the-caller-alone\",\"fallback_to_system\":false}}" : "";
        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(pipeline.Request($$"""{"model":"groq/openai/gpt-oss-120b","messages":[{"role":"user","content":"crash"}]{{credentials}}}""", Pipeline.Workspace(null, id: "a")), Cancel));
        }

        Assert.False(statistics.Find("groq/openai/gpt-oss-120b", "b").Failing);
        Assert.True(statistics.Find("groq/openai/gpt-oss-120b", "a").Failing);

        // Once another meets it too it is the provider's.
        await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(pipeline.Request("""{"model":"groq/openai/gpt-oss-120b","messages":[{"role":"user","content":"Hi"}]}""", Pipeline.Workspace(null, id: "b")), Cancel));
        Assert.True(statistics.Find("groq/openai/gpt-oss-120b", "c").Failing);
    }

    [Fact]
    public async Task A_caller_that_reads_slowly_is_no_fault_of_the_provider()
    {
        var time = new FakeTimeProvider();
        var statistics = new RouteStatistics(time, Microsoft.Extensions.Options.Options.Create(new RouteStatisticsOptions()));
        System.IO.Pipelines.Pipe pipe = new();
        ScriptedRouter router = new(pipeline, (_, _) =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
            answer.Content.Headers.ContentType = new("text/event-stream");
            return answer;
        }, time: time, statistics: statistics);
        List<string> outcomes = [];
        for (int i = 0; i < 3; i++)
        {
            pipe = new();
            ChatRequest request = pipeline.Request("""{"model":"openai/gpt-4o","stream":true,"fallback":{"deadline":"30m"},"messages":[{"role":"user","content":"Hi"}]}""", Pipeline.Workspace(null, id: "a"));
            try
            {
                await router.RunAsync(async client =>
                {
                    // All of the answer is there at once: the provider has done its part.
                    await pipe.Writer.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":null}]}\n\n"u8.ToArray(), Cancel);
                    await using IAsyncEnumerator<Microsoft.Extensions.AI.ChatResponseUpdate> updates = client.GetStreamingResponseAsync(request.Messages, request.Options, Cancel).GetAsyncEnumerator(Cancel);
                    Assert.True(await updates.MoveNextAsync());
                    await pipe.Writer.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"u8.ToArray(), Cancel);
                    await pipe.Writer.CompleteAsync();
                    time.Advance(TimeSpan.FromSeconds(100));
                    while (await updates.MoveNextAsync())
                    {
                    }
                });
            }
            catch (Exception e) when (e is ProviderException or RouterException)
            {
                outcomes.Add(e.Message);
            }
        }

        Assert.False(statistics.Find("openai/gpt-4o", "a").Failing, "all tenants take the route for a failing one");
        Assert.Empty(outcomes);
    }
}
