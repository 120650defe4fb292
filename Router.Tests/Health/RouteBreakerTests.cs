using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Health;

/// <summary>A route that fails time after time is tried last for a short while.</summary>
public sealed class RouteBreakerTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_five_failures_in_a_row_the_next_model_is_tried_first_and_one_request_looks_again()
    {
        bool down = true;
        ScriptedRouter router = Router(() => down);
        for (int i = 0; i < 3; i++)
        {
            await router.AskAsync(Request(), Cancel);
        }

        // Two tries each, until the fifth failure; then none.
        Assert.Equal(5, Asked(router));
        ChatRequest request = Request();
        await router.AskAsync(request, Cancel);
        Assert.Equal("b:ok", ScriptedRouter.Attempts(request));

        _time.Advance(RouteBreakers.Pause);
        ChatRequest[] together = [Request(), Request(), Request()];
        foreach (ChatRequest one in together)
        {
            await router.AskAsync(one, Cancel);
        }

        // One of them looks, in vain: no second try, and nobody else.
        Assert.Equal(6, Asked(router));
        Assert.Equal("a:transient b:ok", ScriptedRouter.Attempts(together[0]));

        down = false;
        _time.Advance(RouteBreakers.Pause);
        request = Request();
        await router.AskAsync(request, Cancel);
        Assert.Equal("a:ok", ScriptedRouter.Attempts(request));
        Assert.Null(router.Breakers.Look(request.Options.Request.Plan!.Entries[0], "default"));
    }

    [Fact]
    public async Task A_route_that_is_all_there_is_is_tried_all_the_same()
    {
        ScriptedRouter router = Router(() => true);
        for (int i = 0; i < 6; i++)
        {
            await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request(models: ""), Cancel));
        }

        Assert.InRange(Asked(router), 9, 12);
    }

    [Fact]
    public void Two_routes_that_fail_are_tried_in_their_order_once_each()
    {
        var breakers = new RouteBreakers(_time);
        PlanEntry[] entries = [.. Plan(breakers, "default", "\"groq/b\"").Entries];
        foreach (PlanEntry entry in entries)
        {
            Fail(breakers, entry, "default", 5);
        }

        Assert.Equal(["a", "b"], Plan(breakers, "default", "\"groq/b\"").Entries.Select(entry => entry.Model));
    }

    [Fact]
    public void What_fails_for_one_workspace_is_last_for_it_alone_until_it_fails_for_another()
    {
        var breakers = new RouteBreakers(_time);
        PlanEntry a = Plan(breakers, "one", "\"groq/b\"").Entries[0];
        Fail(breakers, a, "one", 20);
        Assert.Equal("b", Plan(breakers, "one", "\"groq/b\"").Entries[0].Model);
        Assert.Equal("a", Plan(breakers, "two", "\"groq/b\"").Entries[0].Model);
        Assert.Equal("a", Plan(breakers, "three", "\"groq/b\"").Entries[0].Model);

        Fail(breakers, a, "two", 1);
        Assert.Equal("b", Plan(breakers, "three", "\"groq/b\"").Entries[0].Model);
        breakers.Succeeded(a, "three");
        Assert.Equal("a", Plan(breakers, "three", "\"groq/b\"").Entries[0].Model);
    }

    [Fact]
    public void What_fails_with_a_key_of_the_callers_own_is_last_for_that_key_alone()
    {
        var breakers = new RouteBreakers(_time);
        PlanEntry system = Plan(breakers, "one", "\"groq/b\"").Entries[0];
        var own = new PlanEntry(0, system.Provider, system.Model, new Credential("runtime:one:print", CredentialType.Byok, "runtime", "print", new Secret("sk-own")), HealthVerdict.Good);
        Fail(breakers, own, "one", 20);
        Assert.True(breakers.IsOpen(own, "one"));
        Assert.Equal("a", Plan(breakers, "one", "\"groq/b\"").Entries[0].Model);
    }

    [Fact]
    public void A_success_between_breaks_the_row()
    {
        var breakers = new RouteBreakers(_time);
        PlanEntry a = Plan(breakers, "one", "\"groq/b\"").Entries[0];
        for (int i = 0; i < 10; i++)
        {
            Fail(breakers, a, "one", 4);
            breakers.Succeeded(a, "one");
        }

        Assert.Null(breakers.Look(a, "one"));
    }

    [Fact]
    public void Models_that_callers_invent_push_out_no_others()
    {
        var breakers = new RouteBreakers(_time);
        PlanEntry listed = RoutePlanner.Plan(Input("one", "openai/gpt-4o", ""), pipeline.Knowledge).Entries[0];
        Fail(breakers, listed, "one", 5);
        PlanEntry invented = Plan(breakers, "one", "").Entries[0];
        for (int i = 0; i < 5_000; i++)
        {
            Fail(breakers, new PlanEntry(0, invented.Provider, $"invented-{i}", invented.Credential, HealthVerdict.Good), "two", 5);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(breakers.IsOpen(listed, "one"));
        Assert.False(breakers.IsOpen(new PlanEntry(0, invented.Provider, "invented-0", invented.Credential, HealthVerdict.Good), "two"));
    }

    [Fact]
    public async Task What_a_plan_would_do_says_which_route_is_last_and_until_when()
    {
        var breakers = new RouteBreakers(_time);
        RoutingKnowledge knowledge = pipeline.Knowledge with { Breakers = breakers };
        PlanEntry a = Plan(breakers, "default", "\"groq/b\"").Entries[0];
        Fail(breakers, a, "default", 6);
        ChatRequest request = Request();
        AttemptPlan plan = RoutePlanner.Plan(new PlanInput("openai/a", request.Options.Request.Options, request.Options.Request.Workspace), knowledge);
        var context = new DefaultHttpContext();
        using var sent = new MemoryStream();
        context.Response.Body = sent;
        await PlanWriter.WriteAsync(context, request.Options.Request, plan, [], knowledge);
        JsonNode written = JsonNode.Parse(sent.ToArray())!;
        Assert.Equal(["groq/b", "openai/a"], written["entries"]!.AsArray().Select(entry => (string?)entry!["model"]));
        Assert.Null(written["entries"]![0]!["breaker"]);
        Assert.Equal(("open", 6), ((string?)written["entries"]![1]!["breaker"]!["state"], (int)written["entries"]![1]!["breaker"]!["failures"]!));
        Assert.Contains("openai/a failed 6 times in a row and is tried last for now", (string?)written["reasoning"], StringComparison.Ordinal);
    }

    [Fact]
    public void They_can_be_turned_off()
    {
        var breakers = new RouteBreakers(_time, inARow: 0);
        PlanEntry a = Plan(breakers, "one", "").Entries[0];
        Fail(breakers, a, "one", 100);
        Assert.Null(breakers.Look(a, "one"));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    public async Task What_is_no_failure_of_the_providers_is_not_counted(int status)
    {
        ScriptedRouter router = new(pipeline, (_, _) => ScriptedRouter.Json("{}", (HttpStatusCode)status), time: _time);
        for (int i = 0; i < 6; i++)
        {
            await Assert.ThrowsAsync<RouterException>(() => router.AskAsync(Request(), Cancel));
        }

        Assert.Equal("a", Plan(router.Breakers, "default", "\"groq/b\"").Entries[0].Model);
    }

    private ScriptedRouter Router(Func<bool> down) => new(
        pipeline,
        (request, _) => down() && request.RequestUri!.AbsolutePath.StartsWith("/openai", StringComparison.Ordinal) ? ScriptedRouter.Json("{}", HttpStatusCode.ServiceUnavailable) : ScriptedRouter.GoodFor(request),
        time: _time);

    private static int Asked(ScriptedRouter router) => router.Calls.Count(call => call.Url.StartsWith("/openai", StringComparison.Ordinal));

    private static void Fail(RouteBreakers breakers, PlanEntry entry, string workspace, int times)
    {
        for (int i = 0; i < times; i++)
        {
            breakers.Failed(entry, workspace);
        }
    }

    private AttemptPlan Plan(RouteBreakers breakers, string workspace, string models) =>
        RoutePlanner.Plan(Input(workspace, "openai/a", models), pipeline.Knowledge with { Breakers = breakers });

    private PlanInput Input(string workspace, string model, string models)
    {
        Workspace whose = Pipeline.Workspace(null, id: workspace);
        return new PlanInput(model, Request(models, model).Options.Request.Options, whose);
    }

    private ChatRequest Request(string models = "\"groq/b\"", string model = "openai/a") =>
        pipeline.Request($$$"""{"model":"{{{model}}}","models":[{{{models}}}],"messages":[{"role":"user","content":"Hi"}]}""");
}
