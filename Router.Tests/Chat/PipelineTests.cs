using System.Text;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;
using Router.Core.Wire;
using Router.Tests.Support;

namespace Router.Tests.Chat;

public sealed class PipelineTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Body(string key, string members = "", bool stream = false) => $$$$"""
        {"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}],"provider_credentials":{"openai":{"api_key":"{{{{key}}}}"}},"stream":{{{{(stream ? "true" : "false")}}}}{{{{members}}}}}
        """;

    [Theory]
    [InlineData("sim-good-a", "byok:ok")]
    [InlineData("sim-invalid-a", "byok:credential system:ok")]
    [InlineData("sim-expired-a", "byok:credential system:ok")]
    [InlineData("sim-nocredit-a", "byok:quota system:ok")]
    [InlineData("sim-ratelimited-a", "byok:rate_limit system:ok")]
    [InlineData("sim-noaccess", "byok:model_access system:ok")]
    public async Task An_own_key_is_tried_first_and_hands_over_only_when_it_is_the_trouble(string key, string expected)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            ChatRequest request = pipeline.Request(Body(key, stream: stream));
            string text = await AnswerAsync(request);
            Assert.Contains("Hello", text, StringComparison.Ordinal);
            Assert.Equal(expected, Attempts(request.Options.Request));
        }
    }

    [Theory]
    [InlineData("sim-down-a", 502, "all_attempts_failed", "byok:transient byok:transient")]
    [InlineData("sim-region-a", 403, "permission_denied", "byok:region_blocked")]
    public async Task A_trouble_that_is_not_the_keys_does_not_cross_to_the_system_key(string key, int status, string code, string attempts)
    {
        ChatRequest request = pipeline.Request(Body(key));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => AnswerAsync(request));
        Assert.Equal((status, code), (error.Error.Status, error.Error.Code));
        Assert.Equal(attempts, Attempts(request.Options.Request));
    }

    [Theory]
    [InlineData("sim-invalid-b", 424, "provider_credential_invalid")]
    [InlineData("sim-nocredit-b", 424, "provider_credential_quota")]
    [InlineData("sim-ratelimited-90", 429, "all_attempts_rate_limited")]
    [InlineData("sim-noaccess", 404, "model_not_found")]
    public async Task Without_fallback_the_error_says_what_is_wrong_with_the_provider_key(string key, int status, string code)
    {
        string body = $$$$"""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"{{{{key}}}}","fallback_to_inworld":false}}}""";
        ChatRequest request = pipeline.Request(body);
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => AnswerAsync(request));
        Assert.Equal((status, code), (error.Error.Status, error.Error.Code));
        Assert.Single(request.Options.Request.Attempts);
        Assert.Equal(code == "all_attempts_rate_limited" ? 90 : 0, Math.Ceiling(error.Error.RetryAfter?.TotalSeconds ?? 0));
    }

    [Fact]
    public async Task A_fault_of_the_caller_comes_back_with_the_providers_status_and_words()
    {
        ChatRequest request = pipeline.Request(Body("sim-good-caller", ""","simulate":{"status":422,"body":{"error":{"message":"temperature is too hot","type":"invalid_request_error","code":"too_hot","param":"temperature","hint":1.0}}}"""));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => AnswerAsync(request));
        Assert.Equal(422, error.Error.Status);
        Assert.Contains("\"hint\":1.0", Encoding.UTF8.GetString(error.Error.Raw!.Value.Span), StringComparison.Ordinal);
        Assert.Equal("byok:caller_fault", Attempts(request.Options.Request));
    }

    [Fact]
    public async Task A_key_known_to_be_dead_is_skipped_and_listed()
    {
        ChatRequest request = pipeline.Request("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}""", savedKey: "sim-good-never-tried");
        pipeline.Health.Known["key:11111111111111111111111111111111:1"] = new HealthVerdict(false, FailureClass.Credential, null);
        try
        {
            await AnswerAsync(request);
        }
        finally
        {
            pipeline.Health.Known.Clear();
        }

        Assert.Equal("byok:skipped system:ok", Attempts(request.Options.Request));
        Assert.Empty(await pipeline.JournalAsync("sim-good-never-tried"));
    }

    [Theory]
    [InlineData("errorEvent", ""","simulate":{"byKey":{"KEY":{"errorEvent":true}}}""")]
    [InlineData("after role", ""","simulate":{"byKey":{"KEY":{"errorEvent":true,"errorAfterRole":true}}}""")]
    [InlineData("cut before content", ""","simulate":{"byKey":{"KEY":{"cutAfterChunks":0}}}""")]
    [InlineData("clean cut", ""","simulate":{"byKey":{"KEY":{"cutAfterChunks":0,"clean":true}}}""")]
    [InlineData("error body", ""","simulate":{"byKey":{"KEY":{"okWithErrorBody":true}}}""")]
    [InlineData("html", ""","simulate":{"byKey":{"KEY":{"html":true}}}""")]
    [InlineData("empty body", ""","simulate":{"byKey":{"KEY":{"emptyBody":true}}}""")]
    public async Task A_stream_that_fails_before_first_content_is_tried_once_more_and_never_reaches_the_caller(string name, string script)
    {
        string key = "sim-good-" + name.Replace(' ', '-');
        ChatRequest request = pipeline.Request(Body(key, script.Replace("KEY", key, StringComparison.Ordinal), stream: true));
        List<ChatResponseUpdate> seen = [];
        RouterException error = await Assert.ThrowsAsync<RouterException>(async () =>
        {
            await foreach (ChatResponseUpdate update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
            {
                seen.Add(update);
            }
        });
        Assert.Equal(502, error.Error.Status);
        Assert.Empty(seen);
        Assert.Equal("byok:transient byok:transient", Attempts(request.Options.Request));
        Assert.Equal(2, (await pipeline.JournalAsync(key)).Count);
    }

    [Theory]
    [InlineData(""","simulate":{"cutAfterChunks":2}""")]
    [InlineData(""","simulate":{"cutAfterChunks":2,"clean":true}""")]
    [InlineData(""","simulate":{"cutMidChunk":true,"afterChunks":2}""")]
    [InlineData(""","simulate":{"errorEvent":true,"errorAfterChunks":2}""")]
    public async Task A_stream_that_breaks_after_first_content_is_an_error_never_a_finished_answer(string script)
    {
        ChatRequest request = pipeline.Request(Body("sim-good-broken", script, stream: true));
        List<ChatResponseUpdate> seen = [];
        await Assert.ThrowsAsync<ProviderException>(async () =>
        {
            await foreach (ChatResponseUpdate update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
            {
                seen.Add(update);
            }
        });
        Assert.NotEmpty(seen);
        Assert.Equal("byok:transient", Attempts(request.Options.Request));
    }

    [Fact]
    public async Task Held_to_completion_a_cut_stream_never_shows()
    {
        ChatRequest request = pipeline.Request(Body("sim-good-complete", ""","simulate":{"cutAfterChunks":2},"fallback":{"commit":"complete"}""", stream: true));
        List<ChatResponseUpdate> seen = [];
        await Assert.ThrowsAsync<RouterException>(async () =>
        {
            await foreach (ChatResponseUpdate update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
            {
                seen.Add(update);
            }
        });
        Assert.Empty(seen);
    }

    [Fact]
    public async Task A_malformed_line_is_left_out_and_counted()
    {
        ChatRequest request = pipeline.Request(Body("sim-good-malformed", ""","simulate":{"malformedLine":true}""", stream: true));
        Assert.Contains("Hello", await AnswerAsync(request), StringComparison.Ordinal);
        Assert.Equal(1, request.Options.Request.Attempts.Single().MalformedLines);
    }

    [Fact]
    public async Task A_silent_provider_ends_at_the_first_token_limit()
    {
        ChatRequest request = pipeline.Request(Body("sim-good-silent", ""","simulate":{"neverAnswer":true},"fallback":{"ttft_timeout":"300ms","max_attempts":1}""", stream: true));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => AnswerAsync(request));
        Assert.Equal((504, "all_attempts_timed_out"), (error.Error.Status, error.Error.Code));
    }

    [Fact]
    public async Task A_caller_that_leaves_stops_the_provider_within_a_second()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        ChatRequest request = pipeline.Request(Body("sim-good-leaver", ""","simulate":{"chunks":1000,"delayBetweenChunksMs":20}""", stream: true));
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, caller.Token))
            {
                if (++seen == 5)
                {
                    await caller.CancelAsync();
                }
            }
        });
        Assert.True(request.Options.Request.Attempts.Single().Cancelled);
        await AssertGoneAsync("sim-good-leaver");
    }

    [Fact]
    public async Task An_in_process_caller_with_plain_options_is_served_from_typed_messages()
    {
        ChatResponse answer = await pipeline.Router.GetResponseAsync(
            [new(ChatRole.System, "Be brief."), new(ChatRole.User, "Hello there")],
            new ChatOptions { ModelId = "groq/openai/gpt-oss-120b", Temperature = 0.1f, MaxOutputTokens = 50 },
            Cancel);
        Assert.Contains("Hello there", answer.Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.True(answer.Usage!.InputTokenCount > 0);
        Assert.IsType<WireResponse>(answer.RawRepresentation);
    }

    [Fact]
    public void The_stages_stand_in_the_order_of_the_design()
    {
        Assert.IsType<RequestTelemetryChatClient>(pipeline.Router);
        Assert.NotNull(pipeline.Router.GetService<RoutePlanningChatClient>());
        Assert.NotNull(pipeline.Router.GetService<FallbackChatClient>());
        Assert.Equal("router", pipeline.Router.GetService<ChatClientMetadata>()!.ProviderName);
    }

    private async Task AssertGoneAsync(string key)
    {
        for (int i = 0; i < 20; i++)
        {
            if ((await pipeline.JournalAsync(key)).Single()!["clientGone"]!.GetValue<bool>())
            {
                return;
            }

            await Task.Delay(50, Cancel);
        }

        Assert.Fail("The provider was still sending a second after the caller left.");
    }

    private async Task<string> AnswerAsync(ChatRequest request)
    {
        if (!request.Stream)
        {
            return (await pipeline.Router.GetResponseAsync(request.Messages, request.Options, Cancel)).Text;
        }

        var text = new StringBuilder();
        await foreach (ChatResponseUpdate update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
        {
            text.Append(update.Text);
        }

        return text.ToString();
    }

    private static string Attempts(RouteRequest request) => string.Join(' ', request.Attempts.Select(attempt =>
        (attempt.Entry.Credential.Type == CredentialType.Byok ? "byok:" : "system:")
        + (attempt.Success ? "ok" : attempt.Skipped ? "skipped" : FailureConsequences.Code(attempt.Error!.Failure))));
}
