using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Streams that are held until they have ended well. What cuts and stalls come to is in the fault matrix.</summary>
public sealed class CommitCompleteTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Piece = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}\n\n";
    private const string End = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Comments_keep_the_connection_alive_while_one_attempt_after_the_other_is_held()
    {
        var clock = new FakeTimeProvider();
        // Both speak every four seconds; the first is cut after 16, the second ends well after 12.
        ScriptedRouter router = new(pipeline, (_, call) => Slow(clock, call == 1 ? [Piece, Piece, Piece, Piece] : [Piece, Piece, End]), time: clock);
        ChatRequest request = Request();
        string sent = await WriteAsync(router, request);
        Assert.Equal("a:transient a:ok", ScriptedRouter.Attempts(request));
        Assert.StartsWith(": keep-alive\n\n: keep-alive\n\ndata: ", sent, StringComparison.Ordinal);
        Assert.Equal(2, Count(sent, "word "));
        Assert.EndsWith("data: [DONE]\n\n", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Comments_go_on_while_a_rate_limit_is_waited_for()
    {
        ScriptedRouter router = new(
            pipeline,
            (_, call) => call == 1 ? ScriptedRouter.Json("{}", System.Net.HttpStatusCode.TooManyRequests, 25) : ScriptedRouter.Events(Piece + End),
            ChatLimits.Default with { LongestWait = TimeSpan.FromSeconds(30) });
        string sent = await WriteAsync(router, Request());
        Assert.Equal(2, Count(sent, ": keep-alive\n\n"));
        Assert.EndsWith("data: [DONE]\n\n", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_every_attempt_fails_after_a_comment_the_stream_ends_with_the_error()
    {
        var clock = new FakeTimeProvider();
        ScriptedRouter router = new(pipeline, (_, _) => Slow(clock, [Piece, Piece, Piece, Piece]), time: clock);
        string sent = await WriteAsync(router, Request());
        Assert.DoesNotContain("word", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", sent, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"all_attempts_failed\"", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai/a")]
    [InlineData("anthropic/claude-haiku-5-5")]
    [InlineData("google-ai-studio/gemini-2.5-flash")]
    public async Task What_is_held_is_bounded_and_too_much_is_told_at_once(string model)
    {
        await using ApiHost api = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), settings: ("Router:Fallback:HeldBytes", "200000"));
        foreach ((int chunks, int status) in ((int, int)[])[(20, 200), (2_000, 502)])
        {
            using var content = new StringContent($$$"""{"model":"{{{model}}}","stream":true,"messages":[{"role":"user","content":"Hi"}],"simulate":{"chunks":{{{chunks}}}},"fallback":{"commit":"complete"}}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await api.Client.PostAsync("/v1/chat/completions", content, Cancel);
            string body = await response.Content.ReadAsStringAsync(Cancel);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("1", response.Headers.GetValues("x-router-attempts").Single());
            Assert.Equal(status == 502, body.Contains("\"code\":\"answer_too_large\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Signs_of_life_without_content_never_commit_however_many()
    {
        const string Empty = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]}\n\n";
        string flood = string.Concat(Enumerable.Repeat(Empty, 3_000));
        ScriptedRouter router = new(pipeline, (_, call) => ScriptedRouter.Events(call == 1 ? flood : flood + Piece + End));
        ChatRequest request = Request(commit: "first_content");
        Assert.Equal("word ", await router.AskAsync(request, Cancel));
        Assert.Equal("a:transient a:ok", ScriptedRouter.Attempts(request));
    }

    private ChatRequest Request(string commit = "complete") =>
        pipeline.Request($$$"""{"model":"openai/a","stream":true,"messages":[{"role":"user","content":"Hi"}],"fallback":{"commit":"{{{commit}}}"}}""");

    private static async Task<string> WriteAsync(ScriptedRouter router, ChatRequest request)
    {
        using var sent = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Response.Body = sent;
        await router.RunAsync(client => new AnswerStreamWriter(context, request.Options.Request, false, router.Time)
            .WriteAsync(client.GetStreamingResponseAsync(request.Messages, request.Options, Cancel), Cancel));
        return Encoding.UTF8.GetString(sent.ToArray());
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static HttpResponseMessage Slow(FakeTimeProvider time, string[] pieces) =>
        new() { Content = new StreamContent(new PacedStream(pieces, TimeSpan.FromSeconds(4), time)) { Headers = { ContentType = new("text/event-stream") } } };
}
