using System.Diagnostics;
using static Microsoft.Playwright.Assertions;

namespace Router.BrowserTests;

[Collection(StudioCollection.Name)]
public sealed class ProviderKeyTests(StudioStack stack)
{
    [Fact]
    public async Task A_newcomer_saves_a_key_and_sees_it_used_in_the_playground()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        var clock = Stopwatch.StartNew();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        await visit.AddKeyAsync("openai", "sim-good-newcomer");
        await Expect(visit.Row("openai").Locator("[data-status]")).ToHaveAttributeAsync("data-status", "valid");
        await Expect(visit.Row("openai")).ToContainTextAsync("…omer");
        await visit.ShootAsync("api-keys");

        await visit.ChooseAsync("Playground");
        await visit.Page.FillAsync("#model", "openai/gpt-4o");
        await visit.Page.FillAsync("#prompt", "Are you there?");
        await visit.Page.ClickAsync("#send");
        var attempt = visit.Page.Locator(".attempts li");
        await Expect(attempt).ToHaveAttributeAsync("data-credential-type", "byok");
        await Expect(attempt).ToHaveAttributeAsync("data-success", "true");
        await Expect(visit.Page.Locator(".turn.assistant .text")).ToContainTextAsync("You said: Are you there?");
        await visit.ShootAsync("playground");
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"It took {clock.Elapsed}.");

        await visit.ChooseAsync("API keys");
        await Expect(visit.Row("openai")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("openai", "sim-invalid-1", "provider_key_invalid", "wrong, expired, revoked or inactive", false)]
    [InlineData("openai", "sim-nocredit-1", "provider_key_quota", "credit", true)]
    [InlineData("groq", "sim-noaccess", "provider_key_limited", "permission", true)]
    [InlineData("openai", "\"sim-good-quoted\"", "invalid_request", "quotation marks", false)]
    [InlineData("openai", "OPENAI_API_KEY=sim-good-named", "invalid_request", "an equals sign", false)]
    [InlineData("openai", "sim\u2013good\u2013dashes", "invalid_request", "plain hyphen", false)]
    public async Task A_key_that_does_not_work_is_refused_with_what_to_do(string provider, string key, string code, string says, bool canForce)
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        await visit.AddKeyAsync(provider, key);
        var refusal = visit.Page.Locator("[data-code]");
        await Expect(refusal).ToHaveAttributeAsync("data-code", code);
        await Expect(refusal).ToContainTextAsync(says);
        await visit.ShootAsync($"refused-{code}");
        Assert.Equal(canForce, await visit.Page.Locator("#force-key").IsVisibleAsync());
        if (canForce)
        {
            await visit.Page.ClickAsync("#force-key");
            await Expect(visit.Row(provider).Locator("[data-status]")).ToBeVisibleAsync();
            await Expect(visit.Row(provider).Locator("[data-status]")).Not.ToHaveAttributeAsync("data-status", "valid");
        }
        else
        {
            await visit.Page.ClickAsync("#cancel-key");
            await Expect(visit.Page.Locator(".empty")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task A_key_is_replaced_checked_again_and_deleted_after_a_question()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace}/provider-keys/groq", new System.Text.Json.Nodes.JsonObject { ["api_key"] = "sim-good-first" });
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        var row = visit.Row("groq");
        await Expect(row).ToContainTextAsync("…irst");

        await row.GetByText("Replace").ClickAsync();
        await visit.Page.FillAsync("#secret", "sim-good-second");
        await visit.Page.ClickAsync("#save-key");
        await Expect(row).ToContainTextAsync("…cond");

        await row.GetByText("Check now").ClickAsync();
        await Expect(visit.Page.GetByText("Groq: works.")).ToBeVisibleAsync();

        await row.GetByText("Delete").ClickAsync();
        await visit.ShootAsync("delete-question");
        await visit.Page.Locator("fluent-dialog").GetByText("Keep", new() { Exact = true }).ClickAsync();
        await Expect(row).ToBeVisibleAsync();
        await row.GetByText("Delete").ClickAsync();
        await visit.Page.Locator("fluent-dialog").GetByText("Delete", new() { Exact = true }).ClickAsync();
        await Expect(visit.Page.Locator(".empty")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_service_account_is_pasted_as_its_file()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        await visit.Page.ClickAsync("#add-key");
        await visit.Page.SelectOptionAsync("#provider", "google-vertex");
        await visit.Page.FillAsync("#account", "{\"type\":\"service_account\"}");
        await visit.Page.ClickAsync("#save-key");
        await Expect(visit.Page.Locator("[data-code]")).ToContainTextAsync("The service account key");
        await visit.ShootAsync("service-account");
    }

    [Fact]
    public async Task No_key_ever_comes_back_to_the_browser()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        string[] keys = ["sim-invalid-canary1234567", "sim-nocredit-canary1234567", "sim-good-canary1234567"];
        foreach (var key in keys)
        {
            await visit.AddKeyAsync("openai", key);
            await Expect(visit.Page.Locator("[data-code], tr[data-provider=openai]").First).ToBeVisibleAsync();
            Assert.Equal("", await visit.Page.Locator("#secret").Or(visit.Page.Locator("#nothing")).First.IsVisibleAsync() ? await visit.Page.InputValueAsync("#secret") : "");
            if (await visit.Page.Locator("#cancel-key").IsVisibleAsync())
                await visit.Page.ClickAsync("#cancel-key");
            await Expect(visit.Page.Locator("#cancel-key")).ToBeHiddenAsync();
        }

        await visit.Page.ReloadAsync();
        await Expect(visit.Row("openai")).ToBeVisibleAsync();
        await visit.ChooseAsync("Audit log");
        Assert.True(visit.FramesReceived > 10, "The watch on the wire saw next to nothing.");
        Assert.True(visit.Received("omitted") || visit.Received("openai"), "The watch on the wire does not see text.");
        Assert.All(keys, key => Assert.False(visit.Received(key), $"{key} came back."));
        Assert.False(visit.Received(stack.AdminKey));
    }
}
