using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Npgsql;
using Router.Api.Studio.Pages;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>The playground, rendered as the server renders it, in front of a model that talks as told.</summary>
public sealed class PlaygroundPageTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2L, null, "limit of 2 requests per second")]
    [InlineData(0L, 250L, "limit of 250 tokens per minute")]
    public async Task The_workspaces_limits_hold_there_too(long requests, long? tokens, string said)
    {
        var model = new Talker(["Hello"], used: 130);
        await VisitAsync(model, new LimitSettings(requests, tokens), async page =>
        {
            await SendAsync(page, "one");
            await SendAsync(page, "two");
            Assert.DoesNotContain("limit of", page.Html, StringComparison.Ordinal);
            await SendAsync(page, "three");
            Assert.Contains(said, page.Html, StringComparison.Ordinal);
        });
        Assert.Equal(2, model.Requests.Count);
    }

    [Fact]
    public async Task A_long_answer_is_shown_whole_in_few_renderings()
    {
        var (model, script) = (new Talker([.. Enumerable.Range(0, 2_000).Select(i => $"w{i} ")], used: 1), new CountingScript());
        await VisitAsync(
            model,
            LimitSettings.Default,
            async page =>
            {
                await SendAsync(page, "Talk");
                Assert.Equal(2_000, Regex.Count(page.Html, @"\bw\d+ "));
            },
            script);
        Assert.InRange(script.Calls, 1, 20);
    }

    [Theory]
    [InlineData("router/choice")]
    [InlineData("inworld/choice")]
    public async Task A_saved_router_runs_there_as_it_does_for_a_client_of_the_API(string name)
    {
        var model = new Talker(["Hello"], used: 1);
        await VisitAsync(model, LimitSettings.Default, async page =>
        {
            Assert.Contains("value=\"router/choice\"", page.Html, StringComparison.Ordinal);
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = name }, "id", "model");
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = """{"tier":"gold","who":"Ada"}""" }, "id", "variables");
            await SendAsync(page, "Hi");
            Assert.Contains("data-router=\"choice\"", page.Html, StringComparison.Ordinal);
            Assert.Contains("<code>best</code>", page.Html, StringComparison.Ordinal);
        }, saved: Choice);
        var request = Assert.Single(model.Requests);
        Assert.Equal(("anthropic/claude-opus-4-5", "choice", "gold", "best"), (request.Model, request.SavedRouter!.Name, request.SavedRouter.Route, request.SavedRouter.Variant));
        Assert.Equal(["You talk to Ada.", "Hi"], model.Said[0]);
        Assert.True(request.Stream);
    }

    [Theory]
    [InlineData("router/nobody", "", "no saved router")]
    [InlineData("router/choice", "no json", "no JSON object")]
    [InlineData("router/choice", "[1]", "no JSON object")]
    [InlineData("router/choice", """{"tier":"gold"}""", "who")]
    public async Task What_is_wrong_with_a_question_to_one_is_said_on_the_page(string name, string variables, string said)
    {
        var model = new Talker(["Hello"], used: 1);
        await VisitAsync(model, LimitSettings.Default, async page =>
        {
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = name }, "id", "model");
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = variables }, "id", "variables");
            await SendAsync(page, "Hi");
            Assert.Contains(said, page.Html, StringComparison.OrdinalIgnoreCase);
        }, saved: Choice);
        Assert.Empty(model.Requests);
    }

    private const string Choice = """
        {"name":"choice","routes":[{"route":{"route_id":"gold","variants":[{"variant":{"variant_id":"best","model_id":"anthropic/claude-opus-4-5",
        "message_templates":[{"role":"system","content":"You talk to {{who}}."}]},"weight":100}]},"condition":{"cel_expression":"tier == 'gold'"}}],
        "defaultRoute":{"route_id":"others","variants":[{"variant":{"variant_id":"cheap","model_id":"openai/gpt-4o-mini"},"weight":100}]}}
        """;

    private async Task VisitAsync(Talker model, LimitSettings limits, Func<RenderedPage, Task> visit, CountingScript? script = null, string? saved = null)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(
            database,
            services => services.AddSingleton<IChatClient>(model).AddScoped<IJSRuntime>(_ => script ?? new CountingScript()),
            Token);
        var workspaces = host.Services.GetRequiredService<WorkspaceStore>();
        await workspaces.CreateAsync("mine", "mine", Token);
        await workspaces.ChangePolicyAsync("mine", policy => policy with { Limits = limits }, AuditOrigin.System, Token);
        if (saved is not null)
            await host.Services.GetRequiredService<SavedRouterStore>().CreateAsync("mine", "choice", saved, AuditOrigin.System, Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(PlaygroundPage), async page =>
        {
            await page.GoAsync("mine", "id=\"prompt\"");
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = "openai/gpt-4o" }, "id", "model");
            await visit(page);
        });
    }

    private static async Task SendAsync(RenderedPage page, string prompt)
    {
        await page.RaiseAsync("oninput", new ChangeEventArgs { Value = prompt }, "id", "prompt");
        await page.RaiseAsync("onsubmit", EventArgs.Empty);
    }

    private sealed class Talker(string[] pieces, int used) : IChatClient
    {
        public List<RouteRequest> Requests { get; } = [];

        public List<string[]> Said { get; } = [];

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Requests.Add(((RouterChatOptions)options!).Request);
            Said.Add([.. messages.Select(message => message.Text)]);
            foreach (var piece in pieces)
            {
                // As from a socket: what follows comes in another turn of the page.
                await Task.Yield();
                yield return new ChatResponseUpdate(ChatRole.Assistant, piece);
            }

            // What the attempt stage leaves behind.
            var provider = new Provider(ProviderTable.All[0], ProviderTable.All[0].BaseUrl, false, null);
            var entry = new PlanEntry(0, provider, "gpt-4o", new Credential("x", CredentialType.System, "system", "x", null), HealthVerdict.Good);
            Requests[^1].Attempts.Add(new AttemptRecord(entry) { Success = true, Tokens = new(new(used - 1, 0, 0, 1, 0), false) });
        }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("The playground streams.");

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class CountingScript : IJSRuntime
    {
        public int Calls { get; private set; }

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => InvokeAsync<TValue>(identifier, default, args);

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args)
        {
            Calls++;
            return default;
        }
    }
}
