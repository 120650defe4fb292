using System.Net;
using System.Text.Json;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;
using static Router.Tests.Chat.KeyRun;

namespace Router.Tests.Chat;

/// <summary>What happens to stored keys while a request runs is seen before its next send, never after.</summary>
public sealed class CurrentKeysTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Second = "sk-second-of-the-workspace";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_that_is_deleted_while_a_chat_waits_for_its_rate_limit_is_not_sent_again(bool stream)
    {
        KeyRun run = new(pipeline, stream, (_, call) => call == 1 ? Limited(4) : Good(stream), ByokOnly);
        run.After(2, state => state with { Keys = [] });
        RouterException error = await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal((424, "provider_credential_missing"), (error.Error.Status, error.Error.Code));
        Assert.Equal([First], run.Sent);
        Assert.Equal("a:rate_limit a:skipped", ScriptedRouter.Attempts(run.Request));
        Assert.Contains("deleted", run.Request.Options.Request.Attempts[^1].Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_account_that_is_replaced_while_its_token_is_made_gives_way_to_the_new_one(bool stream)
    {
        (string first, string second) = (Account("p1"), Account("p2"));
        KeyRun run = null!;
        run = new(pipeline, stream, (request, call) =>
        {
            if (call == 1)
            {
                run.Change(state => state with { Keys = [Key("google-vertex", 2, second)] });
            }

            return ScriptedRouter.GoodFor(request);
        }, ByokOnly, keys: Key("google-vertex", 1, first))
        {
            Model = "google-vertex/gemini-2.5-flash",
        };
        Assert.Equal("fine", await run.AskAsync());
        Assert.Equal(3, run.Router.Calls.Count);
        Assert.Contains("/projects/p2/", run.Router.Calls[^1].Url, StringComparison.Ordinal);
        Assert.Equal("gemini-2.5-flash:ok", ScriptedRouter.Attempts(run.Request));
    }

    private static string Account(string project) =>
        JsonSerializer.Serialize(new { client_email = $"{project}@b.example", private_key = FakeGoogle.PrivateKey, project_id = project });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_account_that_goes_while_its_token_is_made_sends_no_token(bool stream)
    {
        string account = Account("p1");
        KeyRun run = null!;
        run = new(pipeline, stream, (request, _) =>
        {
            Assert.EndsWith("/token", request.RequestUri!.AbsolutePath, StringComparison.Ordinal);
            run.Change(state => state with { Keys = [] });
            return ScriptedRouter.Json("""{"access_token":"ya29.one","expires_in":3599,"token_type":"Bearer"}""");
        }, ByokOnly, keys: Key("google-vertex", 1, account))
        {
            Model = "google-vertex/gemini-2.5-flash",
        };
        RouterException error = await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal(424, error.Error.Status);
        Assert.Single(run.Router.Calls);
        Assert.Equal("gemini-2.5-flash:skipped", ScriptedRouter.Attempts(run.Request));
        Assert.Contains("deleted", run.Request.Options.Request.Attempts[0].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_waited_for_when_the_key_is_gone_before_the_wait()
    {
        KeyRun run = null!;
        run = new(pipeline, false, (_, _) =>
        {
            run.Change(state => state with { Keys = [] });
            return Limited(7);
        }, ByokOnly);
        await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal([First], run.Sent);
        Assert.InRange(run.Seconds, 0, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_that_is_replaced_while_its_attempt_repeats_is_used_in_its_new_version(bool stream)
    {
        KeyRun run = new(pipeline, stream, (_, call) => call == 1 ? Down(3) : Good(stream), ByokOnly);
        run.After(1, state => state with { Keys = [Key("openai", 2, Second)] });
        Assert.Equal("fine", await run.AskAsync());
        Assert.Equal([First, Second], run.Sent);
        Assert.Equal("a:transient a:ok", ScriptedRouter.Attempts(run.Request));
        Assert.Equal($"key:{Id:N}:2", run.Request.Options.Request.Attempts[^1].Entry.Credential.Id);
        Assert.Equal($"key:{Id:N}:2", run.Router.Health.Reports[^1].Credential);
    }

    [Fact]
    public async Task A_key_that_is_deleted_and_saved_anew_is_used_as_it_is_now()
    {
        KeyRun run = new(pipeline, false, (_, call) => call == 1 ? Limited(4) : Good(false), ByokOnly);
        run.After(1, state => state with { Keys = [] });
        run.After(2, state => state with { Keys = [Key("openai", 1, Second, Guid.NewGuid())] });
        Assert.Equal("fine", await run.AskAsync());
        Assert.Equal([First, Second], run.Sent);
    }

    [Fact]
    public async Task A_new_version_that_fails_is_followed_by_what_its_own_failure_allows()
    {
        KeyRun run = new(pipeline, false, (_, call) => call switch { 1 => Down(2), 2 => ScriptedRouter.Json("{}", HttpStatusCode.Unauthorized), _ => Good(false) }, WorkspacePolicy.Default);
        run.After(1, state => state with { Keys = [Key("openai", 2, Second)] });
        Assert.Equal("fine", await run.AskAsync());
        Assert.Equal([First, Second, System("openai")], run.Sent);
    }

    [Fact]
    public async Task A_key_further_down_the_plan_is_looked_at_when_its_turn_comes()
    {
        KeyRun run = null!;
        run = new(pipeline, false, (_, call) =>
        {
            run.Change(state => state with { Keys = [Key("openai", 1, First)] });
            return call <= 2 ? Down(null) : Good(false);
        }, WorkspacePolicy.Default, "\"models\":[\"groq/b\"]", Key("openai", 1, First), Key("groq", 1, Second, Guid.NewGuid()));
        Assert.Equal("fine", await run.AskAsync());
        Assert.Equal([First, First, System("groq")], run.Sent);
        Assert.Equal("a:transient a:transient b:skipped b:ok", ScriptedRouter.Attempts(run.Request));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(CredentialStatus.Invalid)]
    public async Task A_new_version_that_cannot_serve_is_skipped_with_its_own_reason(CredentialStatus? status)
    {
        KeyRun run = new(pipeline, false, (_, _) => Down(3), ByokOnly);
        run.After(1, state => state with { Keys = [status is null ? Key("openai", 2, null) : Key("openai", 2, Second)] });
        if (status is not null)
        {
            run.Router.Health.Known[$"key:{Id:N}:2"] = new HealthVerdict(false, FailureClass.Credential, null);
        }

        await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal([First], run.Sent);
        Assert.Equal("a:transient a:skipped", ScriptedRouter.Attempts(run.Request));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_router_key_or_workspace_that_is_gone_asks_for_nothing_more(bool routerKey)
    {
        KeyRun run = new(pipeline, false, (_, call) => call == 1 ? Limited(5) : Good(false), ByokOnly);
        run.After(1, state => routerKey ? state with { RouterKey = false } : state with { Workspace = false });
        RouterException error = await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal((401, "invalid_api_key"), (error.Error.Status, error.Error.Code));
        Assert.Equal([First], run.Sent);
    }

    [Fact]
    public async Task The_operators_key_is_not_used_once_the_policy_forbids_it()
    {
        KeyRun run = null!;
        run = new(pipeline, false, (_, _) =>
        {
            run.Change(state => state with { Policy = ByokOnly });
            return ScriptedRouter.Json("{}", HttpStatusCode.Unauthorized);
        }, WorkspacePolicy.Default);
        await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal([First], run.Sent);
    }

    [Fact]
    public async Task A_state_that_was_read_again_and_is_the_same_changes_nothing()
    {
        KeyRun run = new(pipeline, false, (_, call) => call == 1 ? Limited(3) : Good(false), ByokOnly);
        run.After(1, state => state with { });
        Assert.Equal("fine", await run.AskAsync());
        Assert.Equal([First, First], run.Sent);
    }

    [Fact]
    public async Task A_stored_text_that_no_header_can_carry_is_skipped_and_not_sent()
    {
        KeyRun run = new(pipeline, false, (_, _) => Good(false), ByokOnly, "", Key("openai", 1, "sk\u2013dash"));
        RouterException error = await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal(424, error.Error.Status);
        Assert.Empty(run.Sent);
        Assert.Equal("a:skipped", ScriptedRouter.Attempts(run.Request));
    }

    [Fact]
    public void Looking_again_costs_no_memory_while_nothing_has_changed()
    {
        KeyRun run = new(pipeline, false, (_, _) => Good(false), ByokOnly);
        var keys = new CurrentKeys(run);
        RouteRequest request = run.Request.Options.Request;
        var entry = new Router.Core.Routing.PlanEntry(0, pipeline.Providers.All[0], "a", new("key:x", Router.Core.Routing.CredentialType.Byok, "saved", "", new Secret(First)) { KeyId = Id }, HealthVerdict.Good);
        keys.Refuse(request, ref entry);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            keys.Refuse(request, ref entry);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task The_operators_key_does_not_follow_a_failure_the_policy_no_longer_lets_cross()
    {
        KeyRun run = null!;
        run = new(pipeline, false, (_, call) =>
        {
            run.Change(state => state with { Policy = WorkspacePolicy.Default with { CrossToSystem = [] } });
            return call == 1 ? ScriptedRouter.Json("""{"error":{"message":"no","type":"invalid_request_error","code":"invalid_api_key"}}""", HttpStatusCode.Unauthorized) : Good(false);
        }, WorkspacePolicy.Default);
        await Assert.ThrowsAsync<RouterException>(run.AskAsync);
        Assert.Equal([First], run.Sent);
    }

    private static WorkspacePolicy ByokOnly => WorkspacePolicy.Default with { ByokOnly = true };

    private string System(string slug) => pipeline.Providers.All.Single(provider => provider.Slug == slug).SystemCredential!.Secret!.Reveal();

    private static HttpResponseMessage Good(bool stream) => stream ? ScriptedRouter.Events(ScriptedRouter.GoodStream) : ScriptedRouter.Json(ScriptedRouter.Good);

    private static HttpResponseMessage Limited(double seconds) =>
        ScriptedRouter.Json("""{"error":{"message":"slow down","code":"rate_limit_exceeded"}}""", HttpStatusCode.TooManyRequests, seconds);

    private static HttpResponseMessage Down(double? seconds) => ScriptedRouter.Json("{}", HttpStatusCode.ServiceUnavailable, seconds);
}
