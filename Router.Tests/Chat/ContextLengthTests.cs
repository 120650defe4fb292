using System.Net;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>A prompt that is too long for one model and not for another.</summary>
public sealed class ContextLengthTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Refusals() => new()
    {
        { "openai/gpt-4o-mini", """{"error":{"message":"This model's maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", "context_length_exceeded" },
        { "anthropic/claude-haiku-5-5", """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 202128 tokens > 200000 maximum"}}""", "context_length_exceeded" },
        { "google-ai-studio/gemini-2.5-flash", """{"error":{"code":400,"message":"The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}""", "context_length_exceeded" },
        { "xai/grok-3", """{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 136973 tokens."}""", "Client" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task The_next_model_is_tried_and_the_key_is_not_to_blame(string model, string refusal, string code)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            ScriptedRouter router = new(pipeline, (request, call) => call == 1 ? ScriptedRouter.Json(refusal, HttpStatusCode.BadRequest) : ScriptedRouter.GoodFor(request));
            ChatRequest request = Request(model, stream, "\"models\":[\"groq/b\"]", savedKey: "sim-good-own");
            Assert.Equal("fine", await router.AskAsync(request, Cancel));
            Assert.EndsWith(":context_length b:ok", ScriptedRouter.Attempts(request), StringComparison.Ordinal);
            Assert.DoesNotContain(router.Health.Reports, report => report.Failure is not null);
        }

        Assert.NotEmpty(code);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task With_none_left_it_is_the_callers_with_the_providers_status_and_words(string model, string refusal, string code)
    {
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(refusal, HttpStatusCode.BadRequest));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request(model, stream: false, savedKey: "sim-good-own"), Cancel));
        Assert.Equal(400, error.Error.Status);
        Assert.Contains("token", error.Error.Message, StringComparison.Ordinal);
        Assert.Single(router.Calls);
        Assert.True(code is not "context_length_exceeded" || error.Error.Code == code, error.Error.Code);
    }

    [Fact]
    public async Task Models_whose_context_is_known_to_be_longer_come_first_and_those_known_to_be_no_longer_last()
    {
        string body = """{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""";
        long Context(string name) => pipeline.Catalog.FindHosted(name)!.Model.ContextLength;
        Assert.True(Context("google-ai-studio/gemini-2.5-flash") > Context("openai/gpt-4o") && Context("openai/gpt-4o") == Context("openai/gpt-4o-mini"));
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(body, HttpStatusCode.BadRequest));
        ChatRequest request = Request("openai/gpt-4o", stream: false, "\"models\":[\"openai/gpt-4o-mini\",\"groq/unlisted\",\"google-ai-studio/gemini-2.5-flash\"]");
        await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.StartsWith("gpt-4o:context_length gemini-2.5-flash:", ScriptedRouter.Attempts(request), StringComparison.Ordinal);

        router = new(pipeline, (sent, call) => call == 1 || sent.RequestUri!.AbsoluteUri.Contains("gemini", StringComparison.Ordinal)
            ? ScriptedRouter.Json("""{"error":{"message":"slow","code":"context_length_exceeded"}}""", HttpStatusCode.BadRequest)
            : ScriptedRouter.Json(body, HttpStatusCode.BadRequest));
        request = Request("openai/gpt-4o", stream: false, "\"models\":[\"openai/gpt-4o-mini\",\"groq/unlisted\"]");
        await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel));
        Assert.Equal("gpt-4o:context_length unlisted:context_length gpt-4o-mini:context_length", ScriptedRouter.Attempts(request));
    }

    [Fact]
    public async Task A_later_trouble_of_another_kind_is_told_as_what_it_is()
    {
        ScriptedRouter router = new(pipeline, (_, call) => call == 1
            ? ScriptedRouter.Json("""{"error":{"message":"too long","code":"context_length_exceeded"}}""", HttpStatusCode.BadRequest)
            : ScriptedRouter.Json("{}", HttpStatusCode.ServiceUnavailable));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("openai/a", stream: false, "\"models\":[\"groq/b\"]"), Cancel));
        Assert.Equal((502, "all_attempts_failed"), (error.Error.Status, error.Error.Code));

        router = new(pipeline, (_, call) => call == 1
            ? ScriptedRouter.Json("""{"error":{"message":"too long","code":"context_length_exceeded"}}""", HttpStatusCode.BadRequest)
            : ScriptedRouter.Json("{}", HttpStatusCode.Unauthorized));
        error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("openai/a", stream: false, "\"models\":[\"groq/b\"]"), Cancel));
        Assert.Equal((400, "context_length_exceeded"), (error.Error.Status, error.Error.Code));
    }

    [Theory]
    [InlineData("sim-good-own", true)]
    [InlineData(null, false)]
    public async Task What_a_provider_says_of_a_model_is_passed_on_where_it_is_about_the_callers_own_key(string? key, bool shown)
    {
        const string Said = """{"error":{"message":"Project proj_1 does not have access to model gpt-9","type":"invalid_request_error","code":"model_not_found"}}""";
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json(Said, HttpStatusCode.Forbidden));
        RouterException error = await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request("openai/a", stream: false, "\"byok_only\":" + (shown ? "true" : "false"), key), Cancel));
        Assert.Equal((404, "model_not_found"), (error.Error.Status, error.Error.Code));
        Assert.Equal(shown, error.Error.Message.Contains("does not have access to model gpt-9", StringComparison.Ordinal));
    }

    private ChatRequest Request(string model, bool stream, string members = "", string? savedKey = null)
    {
        string body = $$$"""{"model":"{{{model}}}","messages":[{"role":"user","content":"Hi"}],"stream":{{{(stream ? "true" : "false")}}}{{{(members.Length > 0 ? "," + members : "")}}}}""";
        return pipeline.Request(body, savedKey);
    }
}
