using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Router.BrowserTests;

/// <summary>What the Studio says is so.</summary>
[Collection(StudioCollection.Name)]
public sealed class TruthTests(StudioStack stack)
{
    [Fact]
    public async Task A_real_key_at_a_simulated_provider_is_not_judged_and_the_provider_can_be_made_live_there()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        const string Key = "fw_Zz9x8w7v6u5tRealKey0123";
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        try
        {
            await visit.AddKeyAsync("fireworks", Key);
            var said = visit.Page.Locator("[data-code=provider_simulated]");
            await Expect(said).ToContainTextAsync("is simulated here");
            await Expect(said).ToContainTextAsync("nobody asked");
            await Expect(said).Not.ToContainTextAsync(new Regex("refuse|accept|wrong|expired", RegexOptions.IgnoreCase));
            await visit.ShootAsync("real-key-at-a-simulated-provider");
            Assert.True(await SimulatedAsync("fireworks"));

            // Where the machine reaches the provider it is told what the provider says; where not, that it could not be asked.
            await visit.Page.ClickAsync("#make-live");
            await Expect(visit.Row("fireworks").Or(visit.Page.Locator("[data-code=provider_key_invalid]")).First).ToBeVisibleAsync(new() { Timeout = 40_000 });
            Assert.False(await SimulatedAsync("fireworks"));
            if (await visit.Page.Locator("#cancel-key").IsVisibleAsync())
                await visit.Page.ClickAsync("#cancel-key");
            var liveness = visit.Page.Locator("[data-liveness=fireworks]");
            await Expect(liveness).ToContainTextAsync("was made live by an administrator");
            await visit.ShootAsync("a-provider-made-live");
            await liveness.GetByText("Simulate again").ClickAsync();
            await Expect(liveness).ToContainTextAsync("Simulated");
            await Expect(liveness).ToContainTextAsync("Make live");
            Assert.True(await SimulatedAsync("fireworks"));
            Assert.False(visit.Received(Key));

            await visit.ChooseAsync("Audit log");
            await Expect(visit.Page.Locator("tr", new() { HasTextString = "provider.switch" })).ToHaveCountAsync(2);
        }
        finally
        {
            await stack.AdminAsync(HttpMethod.Put, "/api/providers/fireworks", new JsonObject { ["live"] = false });
        }
    }

    [Fact]
    public async Task A_workspaces_own_key_is_told_the_same_and_may_switch_nothing()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, key) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(key, $"/studio/{workspace}/provider-keys");
        await visit.AddKeyAsync("mistral", "Zz9x8w7v6u5tRealKey0123");
        await Expect(visit.Page.Locator("[data-code=provider_simulated]")).ToContainTextAsync("An administrator can make");
        await Expect(visit.Page.Locator("#make-live")).ToHaveCountAsync(0);
        await visit.Page.ClickAsync("#force-key");
        var row = visit.Row("mistral");
        await Expect(row.Locator("[data-status]")).ToHaveAttributeAsync("data-status", "unverifiable");
        await Expect(row).ToContainTextAsync("nobody asked Mistral AI about this key");
        await Expect(row).ToContainTextAsync("Last tried");
        await visit.ShootAsync("real-key-saved-unasked");

        // Nor is it blamed, or shown to the simulator, when a request comes.
        await visit.ChooseAsync("Playground");
        await visit.Page.FillAsync("#model", "mistral/mistral-large-latest");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".attempts li")).ToHaveCountAsync(2);
        await Expect(visit.Page.Locator(".attempts li").First).ToContainTextAsync("Not tried");
        await Expect(visit.Page.Locator(".attempts li").First).ToContainTextAsync("is simulated here");
        await Expect(visit.Page.Locator(".attempts li").First).Not.ToContainTextAsync("credential");
        await Expect(visit.Page.GetByText("with the workspace's own key")).ToHaveCountAsync(0);
        await visit.ShootAsync("playground-with-a-real-key-at-a-simulated-provider");
    }

    [Fact]
    public async Task Filters_choose_requests_and_show_the_attempt_that_served_with_its_number()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace}/provider-keys/openai?force=true", new JsonObject { ["api_key"] = "sim-noaccess-gpt-4o" });
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/playground?model=openai%2Fgpt-4o");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".attempts li[data-success=true]")).ToHaveCountAsync(1);
        await visit.ChooseAsync("Requests");
        await visit.Page.CheckAsync("#live");
        var attempts = visit.Page.Locator(".waterfall li");
        await Expect(attempts).ToHaveCountAsync(2);
        await visit.Page.UncheckAsync("#live");
        foreach (var (field, value) in new[] { ("#outcome", "model_access"), ("#type", "byok") })
        {
            await visit.Page.SelectOptionAsync(field, value);
            await visit.Page.ClickAsync("#show");
            await Expect(attempts).ToHaveCountAsync(2);
            await Expect(attempts.Last).ToHaveAttributeAsync("data-outcome", "success");
            await Expect(attempts.Last).ToHaveAttributeAsync("value", "2");
        }

        await visit.ShootAsync("requests-filtered");
        await visit.Page.SelectOptionAsync("#outcome", "quota");
        await visit.Page.ClickAsync("#show");
        await Expect(visit.Page.GetByText("No request has such an attempt.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_a_copy_of_its_cookie_too()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/policy");
        await using var copy = await stack.OpenAsync();
        await copy.Page.Context.AddCookiesAsync((await visit.Page.Context.CookiesAsync()).Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path, HttpOnly = cookie.HttpOnly }));
        await copy.Page.GotoAsync($"/studio/{workspace}/policy");
        await Expect(copy.Page.Locator("#save-policy")).ToBeVisibleAsync();

        await visit.Page.GetByText("Sign out").ClickAsync();
        await Expect(visit.Page).ToHaveURLAsync(new Regex("/studio/sign-in"));
        // The open page does nothing more, and a new one does not open.
        await copy.Page.CheckAsync("#byok-only");
        await copy.Page.ClickAsync("#save-policy");
        await Expect(copy.Page).ToHaveURLAsync(new Regex("/studio/sign-in"));
        Assert.False((await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace}/policy"))["byok_only"]?.GetValue<bool>() ?? false);
        await copy.Page.GotoAsync($"/studio/{workspace}/policy");
        await Expect(copy.Page).ToHaveURLAsync(new Regex("/studio/sign-in"));
    }

    [Fact]
    public async Task A_dead_database_is_told_as_that_and_another_try_shows_the_page()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        await using (await stack.KillDatabaseAsync())
        {
            await visit.Page.GotoAsync($"/studio/{workspace}/policy");
            await Expect(visit.Page.GetByText("The database does not answer")).ToBeVisibleAsync();
            await Expect(visit.Page.GetByText("There is no such workspace")).ToHaveCountAsync(0);
            await visit.ShootAsync("dead-database");
            // The page that another try brings, and not the one it was pressed on, says it again.
            await visit.Page.EvaluateAsync("window.tried = true");
            await visit.Page.ClickAsync("#retry");
            await visit.Page.WaitForFunctionAsync("!window.tried");
            await Expect(visit.Page.GetByText("The database does not answer")).ToBeVisibleAsync();
        }

        await visit.Page.ClickAsync("#retry");
        await Expect(visit.Page.Locator("#save-policy")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_saved_router_runs_in_the_playground()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await stack.AdminAsync(HttpMethod.Post, $"/router/v1/routers?workspace={workspace}", JsonNode.Parse(
            """
            {"name":"by-tier","routes":[{"route":{"route_id":"gold","variants":[{"variant":{"variant_id":"best","model_id":"anthropic/claude-opus-4-5"},"weight":100}]},"condition":{"cel_expression":"tier == 'gold'"}}],
             "defaultRoute":{"route_id":"others","variants":[{"variant":{"variant_id":"cheap","model_id":"openai/gpt-4o-mini"},"weight":100}]}}
            """));
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/playground");
        await visit.Page.FillAsync("#model", "router/by-tier");
        await visit.Page.Locator("#model").BlurAsync();
        await visit.Page.FillAsync("#variables", """{"tier":"gold"}""");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator("[data-router=by-tier]")).ToContainTextAsync("route gold, variant best");
        await Expect(visit.Page.Locator(".attempts li")).ToContainTextAsync("anthropic/claude-opus-4-5");
        await Expect(visit.Page.Locator(".turn.assistant .text")).ToContainTextAsync("You said: Hello");
        await visit.ShootAsync("playground-saved-router");
    }

    [Fact]
    public async Task Auto_warns_of_the_provider_that_was_tried_alone()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/playground?model=auto");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".attempts li[data-success=true]")).ToHaveCountAsync(1);
        await Expect(visit.Page.GetByText("is simulated:")).ToHaveCountAsync(1);
        await visit.ShootAsync("playground-auto");
    }

    [Fact]
    public async Task A_model_without_a_price_is_a_dash_and_counted_beside_the_sums()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/playground?model=xai%2Fnobody-has-priced-this");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".attempts li[data-success=true]")).ToHaveCountAsync(1);
        await visit.ChooseAsync("Requests");
        await visit.Page.CheckAsync("#live");
        await Expect(visit.Page.Locator("[data-unpriced]")).ToHaveTextAsync("–");
        await visit.ShootAsync("requests-unpriced");
        await visit.ChooseAsync("Usage");
        await visit.Page.SelectOptionAsync("#group", "model");
        var row = visit.Page.Locator("tr[data-group='xai/nobody-has-priced-this']");
        await Expect(row.Locator("td").Last).ToHaveTextAsync("–");
        await Expect(visit.Page.Locator("#owed")).ToHaveTextAsync("–");

        await visit.ChooseAsync("Playground");
        await visit.Page.FillAsync("#model", "openai/gpt-4o");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".attempts li[data-success=true]")).ToHaveCountAsync(1);
        for (var look = 0; (await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace}/attempts"))["attempts"]!.AsArray().Count < 2; look++)
        {
            Assert.True(look < 100, "The receipt did not come.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await visit.ChooseAsync("Usage");
        await Expect(visit.Page.Locator("#owed")).ToContainTextAsync("+ 1 unpriced");
        await visit.ShootAsync("usage-unpriced");
    }

    [Fact]
    public async Task A_short_key_is_not_a_service_account_and_one_that_could_not_be_checked_says_when_it_is_tried_again()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        await visit.AddKeyAsync("groq", "sim-good");
        await Expect(visit.Row("groq").Locator("[data-status]")).ToHaveAttributeAsync("data-status", "valid");
        await Expect(visit.Row("groq")).Not.ToContainTextAsync("service account");
        await Expect(visit.Row("groq")).ToContainTextAsync("#");
        await visit.AddKeyAsync("openai", "sim-down-for-a-while");
        await Expect(visit.Row("openai").Locator("[data-status]")).ToHaveAttributeAsync("data-status", "unverifiable");
        await Expect(visit.Row("openai")).ToContainTextAsync(new Regex("Last tried .*, next try "));
        await Expect(visit.Row("openai")).Not.ToContainTextAsync("not yet");

        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        await visit.Page.ClickAsync("#add-key");
        await visit.Page.SelectOptionAsync("#provider", "google-vertex");
        await visit.Page.FillAsync("#account", new JsonObject
        {
            ["type"] = "service_account",
            ["project_id"] = "acme-prod",
            ["client_email"] = "sim-good@acme.iam.gserviceaccount.com",
            ["private_key"] = rsa.ExportPkcs8PrivateKeyPem(),
        }.ToJsonString());
        await visit.Page.ClickAsync("#save-key");
        await Expect(visit.Row("google-vertex")).ToContainTextAsync("sim-good@acme.iam.gserviceaccount.com");
        await Expect(visit.Row("google-vertex")).ToContainTextAsync("service account, project acme-prod");
        await visit.ShootAsync("keys-by-name");
        await visit.ChooseAsync("Key health");
        await Expect(visit.Page.Locator("[data-key=google-vertex] h2")).ToContainTextAsync("sim-good@acme.iam.gserviceaccount.com");
        await visit.ShootAsync("key-health-by-name");
    }

    [Fact]
    public async Task Unknown_addresses_and_an_identity_provider_that_is_away_are_pages()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/policy");
        foreach (var status in new[] { 404, 502 })
            visit.ExpectStatus(status);
        foreach (var address in new[] { $"/studio/{workspace}/no-such-page", "/studio/a/b/c/d", "/nowhere" })
        {
            var answer = await visit.Page.GotoAsync(address);
            Assert.Equal((404, "text/html"), (answer!.Status, answer.Headers["content-type"].Split(';')[0]));
            await Expect(visit.Page.Locator("h1")).ToHaveTextAsync("There is no such page");
        }

        await visit.ShootAsync("no-such-page");
        await visit.Page.GetByText("To the Studio").ClickAsync();
        await Expect(visit.Page.Locator("#add-key")).ToBeVisibleAsync();

        await using var stranger = await stack.OpenAsync();
        stranger.ExpectStatus(502);
        await stranger.Page.GotoAsync("/studio/sign-in");
        await stranger.Page.GetByText("Sign in with your organisation").ClickAsync();
        await Expect(stranger.Page.Locator("h1")).ToContainTextAsync("cannot be reached");
        await stranger.ShootAsync("identity-provider-away");
        await stranger.Page.GotoAsync("/studio/sign-in?failed=oidc");
        await Expect(stranger.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("did not work");
        stranger.ExpectStatus(401);
    }

    private async Task<bool> SimulatedAsync(string slug) =>
        (await stack.AdminAsync(HttpMethod.Get, "/api/providers"))["providers"]!.AsArray().Single(one => (string)one!["provider"]! == slug)!["simulated"]!.GetValue<bool>();
}
