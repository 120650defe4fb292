using System.Net;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>A caller that has left hears of its own leaving, whatever happened to the attempt at that moment; the record keeps what did.</summary>
public sealed class CallerLeftTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task As_an_attempt_fails(bool stream)
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var router = new ScriptedRouter(pipeline, (_, _) =>
        {
            caller.Cancel();
            return ScriptedRouter.Json("""{"error":{"message":"slow down"}}""", HttpStatusCode.TooManyRequests);
        });
        ChatRequest request = Request(stream);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => router.AskAsync(request, caller.Token));
        Assert.Single(router.Calls);
    }

    [Fact]
    public async Task As_a_stream_that_has_begun_fails()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var router = new ScriptedRouter(pipeline, (_, _) => ScriptedRouter.Events(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"error\":{\"message\":\"broken\",\"code\":500}}\n\n"));
        ChatRequest request = Request(stream: true);
        int updates = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => router.RunAsync(async client =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(request.Messages, request.Options, caller.Token))
            {
                updates++;
                await caller.CancelAsync();
            }
        }));
        Assert.Equal((1, 1), (updates, router.Calls.Count));
    }

    [Fact]
    public async Task One_that_stays_hears_of_the_failure_after_the_beginning()
    {
        var router = new ScriptedRouter(pipeline, (_, _) => ScriptedRouter.Events(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"error\":{\"message\":\"broken\",\"code\":500}}\n\n"));
        await Assert.ThrowsAsync<ProviderException>(() => router.AskAsync(Request(stream: true), TestContext.Current.CancellationToken));
        Assert.Single(router.Calls);
    }

    private ChatRequest Request(bool stream) =>
        pipeline.Request($$"""{"model":"openai/gpt-4o","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""");
}
