using System.Net;
using System.Text;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Answers no honest provider gives, and transports that fail in odd ways, seen through the whole pipeline.</summary>
public sealed class HostileProviderTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Good = """{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""";

    private readonly OpenHealth _health = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_takes_too_long_is_a_passing_trouble_and_the_next_model_serves()
    {
        ChatRequest request = Request("\"models\":[\"groq/b\"]");
        ChatResponse answer = await Router(call => call.RequestUri!.AbsolutePath.StartsWith("/openai", StringComparison.Ordinal)
            ? throw new TaskCanceledException("A connection could not be established within the configured ConnectTimeout.")
            : Json(Good)).GetResponseAsync(request.Messages, request.Options, Cancel);
        Assert.Equal("fine", answer.Text);
        Assert.Equal((FailureClass.Transient, true), (request.Options.Request.Attempts[0].Error!.Failure, request.Options.Request.Attempts[0].Error!.TimedOut));
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "could not be reached")]
    [InlineData(HttpRequestError.ConnectionError, "could not be reached")]
    [InlineData(HttpRequestError.SecureConnectionError, "No secure connection")]
    [InlineData(HttpRequestError.ResponseEnded, "broke before")]
    public async Task A_provider_that_cannot_be_reached_is_a_passing_trouble_and_the_next_model_serves(HttpRequestError trouble, string said)
    {
        foreach (string stream in (string[])["false", "true"])
        {
            ChatRequest request = Request($"\"models\":[\"groq/b\"],\"stream\":{stream}");
            await RunAsync(
                Router(call => call.RequestUri!.AbsolutePath.StartsWith("/openai", StringComparison.Ordinal)
                    ? throw new HttpRequestException(trouble, "no")
                    : stream == "true" ? Events("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\n\n") : Json(Good)),
                request);
            Assert.Equal((FailureClass.Transient, true), (request.Options.Request.Attempts[0].Error!.Failure, request.Options.Request.Attempts[^1].Success));
            Assert.Contains(said, request.Options.Request.Attempts[0].Error!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fault_of_the_caller_in_a_200_is_not_a_success(bool stream)
    {
        const string Error = """{"error":{"message":"no","type":"invalid_request_error","code":"bad_thing","param":null}}""";
        ChatRequest request = Request("\"stream\":" + (stream ? "true" : "false"));
        IChatClient router = Router(_ => stream ? Events($"data: {Error}\n\n") : Json(Error));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => RunAsync(router, request));
        Assert.Equal(400, error.Error.Status);
    }

    [Fact]
    public async Task What_a_provider_repeats_of_a_request_does_not_cost_the_system_key_its_health()
    {
        ChatRequest request = Request("\"reasoning_effort\":\"incorrect api key provided\"");
        IChatClient router = Router(_ => Json("""{"error":{"message":"Invalid value: 'incorrect api key provided'","type":"invalid_request_error","code":null}}""", HttpStatusCode.BadRequest));
        await Assert.ThrowsAsync<RouterException>(() => RunAsync(router, request));
        Assert.DoesNotContain(_health.Reports, report => report.Failure is not null && report.Credential.StartsWith("system:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_in_which_one_of_two_choices_never_ends_is_not_finished()
    {
        ChatRequest request = Request("\"stream\":true,\"n\":2");
        IChatClient router = Router(_ => Events("""
            data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}

            data: {"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: [DONE]


            """));
        await Assert.ThrowsAsync<ProviderException>(() => RunAsync(router, request));
    }

    [Theory]
    [InlineData("""{"id":"\ud800","model":"\ud800","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"content":"fine","deep":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"role":"assistant","content":"fine","\ud800":1},"finish_reason":"stop"}],"usage":{"\ud800":1,"prompt_tokens_details":{"\ud800":1}}}""")]
    public async Task Odd_but_legal_json_is_carried(string body)
    {
        ChatRequest request = Request("\"x\":1");
        ChatResponse answer = await Router(_ => Json(body)).GetResponseAsync(request.Messages, request.Options, Cancel);
        Assert.True(request.Options.Request.Attempts.Single().Success);
        Assert.NotNull(answer.RawRepresentation);
    }

    [Theory]
    [InlineData("anthropic/claude-sonnet-4-5", """{"id":"x","content":[{"type":"text","text":"fine","\ud800":1}],"stop_reason":"end_turn","usage":{"\ud800":1,"input_tokens":3,"output_tokens_details":{"\ud800":1,"thinking_tokens":2},"output_tokens":[1]}}""")]
    [InlineData("google-ai-studio/gemini-2.5-flash", """{"candidates":[{"content":{"\ud800":1,"parts":[{"text":"fine"}]},"finishReason":"STOP","\ud800":1}],"usageMetadata":{"\ud800":1,"promptTokenCount":3,"thoughtsTokenCount":2,"candidatesTokenCount":"1"}}""")]
    public async Task A_name_that_is_no_text_costs_nothing_but_itself(string model, string body)
    {
        ChatRequest request = pipeline.Request($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]}""");
        ChatResponse answer = await Router(_ => Json(body)).GetResponseAsync(request.Messages, request.Options, Cancel);
        Assert.Equal(("fine", 3L, 2L), (answer.Text, answer.Usage!.InputTokenCount, answer.Usage.ReasoningTokenCount));
    }

    [Fact]
    public async Task A_deadline_too_near_for_any_call_is_told_as_that()
    {
        ChatRequest request = Request("\"fallback\":{\"deadline\":\"1us\"}");
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => RunAsync(Router(_ => Json(Good)), request));
        Assert.Equal((408, "deadline_exceeded"), (error.Error.Status, error.Error.Code));
        Assert.Empty(request.Options.Request.Attempts);
    }

    [Fact]
    public async Task No_chain_buys_more_than_sixteen_calls_unless_the_request_says_so()
    {
        string models = string.Join(',', Enumerable.Range(0, 60).Select(i => $"\"openai/m{i}\""));
        ChatRequest request = Request($"\"models\":[{models}]");
        await Assert.ThrowsAsync<RouterException>(() => RunAsync(Router(_ => Json("{}", HttpStatusCode.ServiceUnavailable)), request));
        Assert.Equal(16, request.Options.Request.UpstreamRequests);
    }

    [Fact]
    public async Task A_stream_held_to_completion_may_take_longer_than_its_first_token()
    {
        ChatRequest request = pipeline.Request("""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}],"simulate":{"chunks":18,"delayBetweenChunksMs":100},"fallback":{"commit":"complete","ttft_timeout":"1500ms"}}""");
        await RunAsync(pipeline.Router, request);
        Assert.True(request.Options.Request.Attempts.Single().Success);
    }

    private ChatRequest Request(string members) =>
        pipeline.Request($$$"""{"model":"openai/a","messages":[{"role":"user","content":"Hi"}],{{{members}}}}""");

    private static async Task RunAsync(IChatClient router, ChatRequest request)
    {
        if (!request.Stream)
        {
            await router.GetResponseAsync(request.Messages, request.Options, Cancel);
            return;
        }

        await foreach (ChatResponseUpdate update in router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
        {
            Assert.NotNull(update);
        }
    }

    private IChatClient Router(Func<HttpRequestMessage, HttpResponseMessage> provider)
    {
        var clients = new Clients(new HttpMessageInvoker(new Handler(provider)));
        return new ChatClientBuilder(new FallbackChatClient(clients, _health, ChatLimits.Default, TimeProvider.System))
            .UseRoutePlanning(pipeline.Knowledge with { Health = _health }, new Exploration(0), TimeSpan.FromMinutes(1), TimeProvider.System)
            .Build();
    }

    private static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Events(string body) =>
        new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "text/event-stream") };

    private sealed class Clients(HttpMessageInvoker http) : IProviderClients
    {
        public IProviderLeaf For(Provider provider) => Dialect.Of(provider.Definition.Dialect).Leaf(provider, http);
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}
