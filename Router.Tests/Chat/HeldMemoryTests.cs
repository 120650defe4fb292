using System.Text;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>What all answers that are held to their end take together is bounded, and given back however they end.</summary>
public sealed class HeldMemoryTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const int Room = 1_000_000;
    private const string End = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_workspace_takes_half_and_all_together_the_whole()
    {
        var memory = new HeldMemory(100);
        Assert.True(memory.TryTake("a", 50));
        Assert.False(memory.TryTake("a", 1));
        Assert.True(memory.TryTake("b", 40));
        Assert.False(memory.TryTake("c", 11));
        Assert.True(memory.TryTake("c", 10));
        memory.Return("a", 20);
        Assert.True(memory.TryTake("b", 10));
        Assert.False(memory.TryTake("b", 1));
        Assert.Equal(90, memory.All);
    }

    [Theory]
    [InlineData("well")]
    [InlineData("cut")]
    [InlineData("left")]
    public async Task However_an_answer_ends_its_room_is_there_for_the_next(string end)
    {
        using var caller = new CancellationTokenSource();
        bool ends = false;
        ScriptedRouter router = new(pipeline, (_, _) => ends ? Answer(2, End) : Answer(2, end == "well" ? End : ""), ChatLimits.Default with { HeldInAll = Room, MostAttempts = 1 });
        for (int i = 0; i < 12; i++)
        {
            caller.CancelAfter(end == "left" && i == 0 ? 0 : Timeout.Infinite);
            await Record.ExceptionAsync(() => router.AskAsync(Request(), end == "left" ? caller.Token : Cancel));
        }

        ends = true;
        ChatRequest last = Request();
        await router.AskAsync(last, Cancel);
        Assert.DoesNotContain(last.Options.Request.Warnings, warning => warning.Contains("not held", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_finds_no_room_goes_out_as_it_comes_and_says_so()
    {
        ScriptedRouter router = new(pipeline, (_, _) => Answer(10, ""), ChatLimits.Default with { HeldInAll = Room });
        ChatRequest request = Request();
        var text = new StringBuilder();
        await Assert.ThrowsAnyAsync<Exception>(() => router.RunAsync(async client =>
        {
            await foreach (Microsoft.Extensions.AI.ChatResponseUpdate update in client.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
            {
                text.Append(update.Text);
            }
        }));
        // It was cut at its end, and began all the same.
        Assert.Equal(1_000_000, text.Length);
        Assert.Single(request.Options.Request.Attempts);
        Assert.Contains(request.Options.Request.Warnings, warning => warning.Contains("was not held to its end", StringComparison.Ordinal));
    }

    private ChatRequest Request() =>
        pipeline.Request("""{"model":"openai/a","stream":true,"fallback":{"commit":"complete"},"messages":[{"role":"user","content":"Hi"}]}""");

    /// <summary>In pieces of a hundred thousand characters.</summary>
    private static HttpResponseMessage Answer(int pieces, string end)
    {
        string piece = $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{new string('x', 100_000)}\"}}}}]}}\n\n";
        return ScriptedRouter.Events(new StringBuilder().Insert(0, piece, pieces) + end);
    }
}
