using System.Text.Json.Nodes;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Routing;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>What cannot be sent is no attempt: it leaves no receipt, touches no health and no statistics, and the next entry is tried.</summary>
public sealed class PreparedFirstTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Image = """ "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"text","text":"?"}]}] """;
    private const string Custom = """ "tools":[{"type":"custom","custom":{"name":"grep"}}],"messages":[{"role":"user","content":"Hi"}] """;
    private const string Strict = """ "strict":true,"seed":7,"messages":[{"role":"user","content":"Hi"}] """;
    private const string Orphan = """ "messages":[{"role":"user","content":"Hi"},{"role":"tool","tool_call_id":"nobody","content":"x"}] """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(""" "model":"google/gemini-2.0-flash","models":["openai/gpt-4o"] """, Image, "gemini-2.0-flash:skipped gpt-4o:ok")]
    [InlineData(""" "model":"auto","models":["google/gemini-2.5-flash","openai/gpt-4o"],"provider":{"order":["google"]} """, Image, "gemini-2.5-flash:skipped gpt-4o:ok")]
    [InlineData(""" "model":"anthropic/claude-haiku-5-5","models":["openai/gpt-4o"] """, Custom, "claude-haiku-5-5:skipped gpt-4o:ok")]
    [InlineData(""" "model":"anthropic/claude-haiku-5-5","models":["openai/gpt-4o"] """, Strict, "claude-haiku-5-5:skipped gpt-4o:ok")]
    [InlineData(""" "model":"auto","models":["anthropic/claude-haiku-5-5","openai/gpt-4o"],"provider":{"order":["anthropic"]} """, Strict, "claude-haiku-5-5:skipped gpt-4o:ok")]
    [InlineData(""" "model":"google-vertex/../../x","models":["openai/gpt-4o"] """, Strict, "../../x:skipped gpt-4o:ok")]
    [InlineData(""" "model":"google/gemini-2.5-flash","models":["anthropic/claude-haiku-5-5","openai/gpt-4o"] """, Custom, "gemini-2.5-flash:skipped claude-haiku-5-5:skipped gpt-4o:ok")]
    public async Task An_entry_whose_dialect_cannot_carry_the_request_is_skipped_with_its_reason(string chain, string members, string attempts)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            ScriptedRouter router = new(pipeline, (call, _) => ScriptedRouter.GoodFor(call));
            ChatRequest request = Request(chain, members, stream);
            Assert.Equal("fine", await router.AskAsync(request, Cancel));
            Assert.Equal(attempts, ScriptedRouter.Attempts(request));
            Assert.Single(router.Calls);
            AttemptRecord skipped = request.Options.Request.Attempts[0];
            Assert.Equal("unsupported", FailureConsequences.Code(skipped.Error!.Failure));
            Assert.StartsWith("Not tried: ", skipped.Error.Message, StringComparison.Ordinal);
            Assert.Equal(1, request.Options.Request.UpstreamRequests);
            Assert.DoesNotContain(request.Options.Request.Warnings, warning => warning.Contains("Anthropic)", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(""" "model":"google/gemini-2.0-flash" """, Image, 400, "messages")]
    [InlineData(""" "model":"google/gemini-2.0-flash","models":["google/gemini-2.5-pro"] """, Image, 400, "messages")]
    [InlineData(""" "model":"anthropic/claude-haiku-5-5" """, Custom, 400, "tools[0]")]
    [InlineData(""" "model":"anthropic/claude-haiku-5-5" """, Strict, 400, "seed")]
    [InlineData(""" "model":"google-vertex/gemini-2.5-flash" """, Strict + """,  "service_tier":"flex" """, 400, "service_tier")]
    [InlineData(""" "model":"google/gemini-2.5-flash" """, Orphan, 400, "messages")]
    [InlineData(""" "model":"google-vertex/a/b/c" """, Strict, 404, "model")]
    public async Task With_no_entry_left_the_caller_hears_why_and_nobody_was_called(string chain, string members, int status, string param)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            var measured = new Measured();
            ScriptedRouter router = new(pipeline, (call, _) => ScriptedRouter.GoodFor(call), statistics: measured);
            ChatRequest request = Request(chain, members, stream);
            RouterError error = (await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel))).Error;
            Assert.Equal((status, param), (error.Status, error.Param));
            AssertUntouched(router, request, measured);
        }
    }

    [Fact]
    public async Task An_entry_that_failed_counts_more_than_one_that_could_not_be_asked()
    {
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json("{}", System.Net.HttpStatusCode.ServiceUnavailable));
        ChatRequest request = Request(""" "model":"google/gemini-2.0-flash","models":["openai/gpt-4o"] """, Image, stream: false);
        RouterError error = (await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel))).Error;
        Assert.Equal((502, "all_attempts_failed"), (error.Status, error.Code));
        Assert.Equal(router.Calls.Count, request.Options.Request.UpstreamRequests);
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nnope\n-----END PRIVATE KEY-----")]
    [InlineData("")]
    public async Task A_service_account_whose_private_key_is_none_is_the_fault_of_whoever_gave_it(string pem)
    {
        foreach ((bool stream, bool saved, bool system) in from stream in (bool[])[false, true] from saved in (bool[])[false, true] from system in (bool[])[false, true] select (stream, saved, system))
        {
            var measured = new Measured();
            ScriptedRouter router = new(pipeline, (call, _) => ScriptedRouter.GoodFor(call), statistics: measured);
            string account = new JsonObject { ["client_email"] = "a@b.iam", ["private_key"] = pem, ["project_id"] = "my-project" }.ToJsonString();
            string keys = saved ? $""" "byok_only":{(system ? "false" : "true")} """ : $$$""" "provider_credentials":{"google-vertex":{"service_account":{{{account}}},"fallback_to_system":{{{(system ? "true" : "false")}}}}} """;
            string body = $$"""{"model":"google-vertex/gemini-2.5-flash","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}],{{keys}}}""";
            if (!saved)
            {
                // Refused at the door, with the member at fault.
                RouterError refused = Assert.Throws<RouterException>(() => pipeline.Request(body)).Error;
                Assert.Equal(400, refused.Status);
                Assert.StartsWith("provider_credentials.google-vertex", refused.Param, StringComparison.Ordinal);
                continue;
            }

            ChatRequest request = SavedRequest(body, account);
            if (system)
            {
                Assert.Equal("fine", await router.AskAsync(request, Cancel));
                Assert.Equal("gemini-2.5-flash:skipped gemini-2.5-flash:ok", ScriptedRouter.Attempts(request));
                Assert.Equal(FailureClass.Credential, request.Options.Request.Attempts[0].Error!.Failure);
                Assert.Single(router.Calls);
                continue;
            }

            RouterError error = (await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel))).Error;
            Assert.Equal((424, "provider_credential_invalid"), (error.Status, error.Code));
            Assert.Contains("private_key", error.Message, StringComparison.Ordinal);
            AssertUntouched(router, request, measured);
        }
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("sk-\u2013dash")]
    [InlineData("\u201Csk-quoted\u201D")]
    [InlineData("line\nbreak")]
    public async Task A_saved_key_that_no_header_can_hold_is_skipped_and_the_next_model_serves(string key)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            ScriptedRouter router = new(pipeline, (call, _) => ScriptedRouter.GoodFor(call));
            ChatRequest request = pipeline.Request($$"""{"model":"openai/gpt-4o","models":["groq/openai/gpt-oss-120b"],"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""", key, Core.Keys.WorkspacePolicy.Default with { CrossToSystem = [] });
            Assert.Equal("fine", await router.AskAsync(request, Cancel));
            Assert.Equal("gpt-4o:skipped openai/gpt-oss-120b:ok", ScriptedRouter.Attempts(request));
            Assert.Single(router.Calls);
        }
    }

    [Fact]
    public async Task An_account_that_was_refused_a_moment_ago_is_skipped_without_another_request()
    {
        ScriptedRouter router = new(pipeline, (call, _) => call.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal)
            ? ScriptedRouter.Json("""{"error":"invalid_grant"}""", System.Net.HttpStatusCode.BadRequest)
            : ScriptedRouter.GoodFor(call), one: true);
        string body = $$$"""{"model":"google-vertex/gemini-2.5-flash","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"google-vertex":{"service_account":{{{FakeGoogle.Account()}}},"fallback_to_system":false} } }""";
        foreach (string attempts in (string[])["gemini-2.5-flash:credential", "gemini-2.5-flash:skipped"])
        {
            ChatRequest request = pipeline.Request(body);
            RouterError error = (await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(request, Cancel))).Error;
            Assert.Equal((424, "provider_credential_invalid"), (error.Status, error.Code));
            Assert.Equal(attempts, ScriptedRouter.Attempts(request));
            Assert.Single(router.Calls);
        }
    }

    private static void AssertUntouched(ScriptedRouter router, ChatRequest request, Measured measured)
    {
        Assert.Empty(router.Calls);
        Assert.Empty(router.Health.Reports);
        Assert.Empty(measured.Samples);
        Assert.Equal(0, request.Options.Request.UpstreamRequests);
        Assert.All(request.Options.Request.Attempts, attempt => Assert.True(attempt.Skipped));
        Assert.NotEmpty(request.Options.Request.Attempts);
    }

    private ChatRequest Request(string chain, string members, bool stream) =>
        pipeline.Request($$"""{ {{chain}},"stream":{{(stream ? "true" : "false")}},{{members}} }""");

    private ChatRequest SavedRequest(string body, string account) =>
        ((ChatRequestReader)pipeline.Services.GetService(typeof(ChatRequestReader))!).Read(System.Text.Encoding.UTF8.GetBytes(body), Pipeline.Workspace(account, provider: "google-vertex"));

    private sealed class Measured : IRouteStatistics
    {
        public List<string> Samples { get; } = [];

        public RouteMeasurement Find(string route, string? workspace) => RouteMeasurement.None;

        public void Record(string route, RouteSample sample, string? workspace) => Samples.Add(route);
    }
}
