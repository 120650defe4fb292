using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Router.BrowserTests;

[Collection(StudioCollection.Name)]
public sealed class StudioTests(StudioStack stack)
{
    [Fact]
    public async Task A_router_key_is_shown_once_copied_and_works_until_it_is_revoked()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/api-keys");
        await visit.Page.FillAsync("#name", "checkout");
        await visit.Page.ClickAsync("#create-router-key");
        var shown = await visit.Page.InputValueAsync("#new-router-key");
        await visit.Page.ClickAsync("#copy-router-key");
        await Expect(visit.Page.Locator("#copy-router-key")).ToHaveTextAsync("Copied");
        Assert.Equal(shown, await visit.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await visit.ShootAsync("router-key-shown-once");
        Assert.Equal(HttpStatusCode.OK, await ModelsAsync(shown));

        await visit.Page.ReloadAsync();
        var row = visit.Page.Locator("tr", new() { HasTextString = "checkout" });
        await Expect(row).ToContainTextAsync("Active");
        await Expect(visit.Page.Locator("#new-router-key")).ToHaveCountAsync(0);

        await row.GetByText("Revoke").ClickAsync();
        await visit.Page.Locator("fluent-dialog").GetByText("Revoke", new() { Exact = true }).ClickAsync();
        await Expect(row).ToContainTextAsync("Revoked");
        Assert.Equal(HttpStatusCode.Unauthorized, await ModelsAsync(shown));
    }

    [Fact]
    public async Task The_policy_saved_is_the_policy_in_force()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/policy");
        await visit.Page.CheckAsync("#byok-only");
        await visit.Page.FillAsync("#fee", "2.5");
        await visit.Page.ClickAsync("#save-policy");
        await Expect(visit.Page.GetByText("The policy is saved and in force.")).ToBeVisibleAsync();
        await visit.ShootAsync("policy");
        var policy = await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace}/policy");
        Assert.True(policy["byok_only"]!.GetValue<bool>());
        Assert.Equal(2.5m, policy["byok_fee_percent"]!.GetValue<decimal>());

        await visit.ChooseAsync("Playground");
        await visit.Page.FillAsync("#model", "openai/gpt-4o");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".turn.assistant .problem")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".attempts li[data-success=true]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_failing_own_key_shows_both_attempts_in_the_playground()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace}/provider-keys/openai?force=true", new System.Text.Json.Nodes.JsonObject { ["api_key"] = "sim-noaccess-gpt-4o" });
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/playground?model=openai%2Fgpt-4o");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".attempts li")).ToHaveCountAsync(2);
        await Expect(visit.Page.Locator(".attempts li").First).ToHaveAttributeAsync("data-success", "false");
        await Expect(visit.Page.Locator(".attempts li").Last).ToHaveAttributeAsync("data-credential-type", "system");
        await visit.ShootAsync("playground-fallback");
    }

    [Fact]
    public async Task A_request_of_the_playground_is_found_with_its_attempts_and_its_cost()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace}/provider-keys/openai?force=true", new System.Text.Json.Nodes.JsonObject { ["api_key"] = "sim-noaccess-gpt-4o" });
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/playground?model=openai%2Fgpt-4o");
        await visit.Page.FillAsync("#prompt", "Hello");
        await visit.Page.ClickAsync("#send");
        await Expect(visit.Page.Locator(".attempts li[data-success=true]")).ToHaveCountAsync(1);

        await visit.ChooseAsync("Requests");
        await visit.Page.CheckAsync("#live"); // The receipt comes within a second or two.
        await Expect(visit.Page.Locator(".waterfall li")).ToHaveCountAsync(2);
        await Expect(visit.Page.Locator(".waterfall li").First).ToHaveAttributeAsync("data-outcome", "model_access");
        await visit.ShootAsync("requests");
        await visit.Page.SelectOptionAsync("#outcome", "success");
        await visit.Page.ClickAsync("#show");
        // The request is chosen by the attempt that served, and shows the one that failed too.
        await Expect(visit.Page.Locator(".waterfall li")).ToHaveCountAsync(2);

        await visit.ChooseAsync("Usage");
        // A column for every day of thirty, the one of today as high as it gets.
        await Expect(visit.Page.Locator(".chart rect")).ToHaveCountAsync(31);
        await Expect(visit.Page.Locator(".chart rect").Last).ToHaveAttributeAsync("height", "100");
        await visit.Page.SelectOptionAsync("#measure", "Owed");
        await Expect(visit.Page.Locator(".chart figcaption")).ToContainTextAsync("most in a day: $0.0");
        await visit.ShootAsync("usage-by-day");
        await visit.Page.SelectOptionAsync("#group", "model");
        await Expect(visit.Page.Locator("tr[data-group='openai/gpt-4o']")).ToContainTextAsync("2");
        await Expect(visit.Page.Locator("#owed")).Not.ToHaveTextAsync("$0.00");
        await visit.ShootAsync("usage");
    }

    [Fact]
    public async Task Everything_about_a_key_can_be_done_from_the_keyboard()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.OpenAsync();
        var keys = visit.Page.Keyboard;
        await visit.Page.GotoAsync($"/studio/{workspace}/provider-keys");
        await keys.TypeAsync(stack.AdminKey); // the field has the focus
        await keys.PressAsync("Enter");
        await Expect(visit.Page.Locator(".empty")).ToBeVisibleAsync();

        await TabToAsync(visit.Page, "add-key");
        await keys.PressAsync("Enter");
        await Expect(visit.Page.Locator("#secret")).ToBeVisibleAsync();
        await TabToAsync(visit.Page, "secret");
        await keys.TypeAsync("sim-good-keyboard");
        await keys.PressAsync("Enter");
        await Expect(visit.Row("openai").Locator("[data-status]")).ToHaveAttributeAsync("data-status", "valid");

        await TabToAsync(visit.Page, "add-key");
        await keys.PressAsync("Enter");
        await Expect(visit.Page.Locator("#secret")).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Expect(visit.Page.Locator("#secret")).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Every_page_fits_the_screen_and_follows_the_colour_scheme(ColorScheme scheme, int width)
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace}/provider-keys/openai", new System.Text.Json.Nodes.JsonObject { ["api_key"] = "sim-good-pages" });
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys", new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 800 } });
        foreach (var page in (string[])["provider-keys", "api-keys", "policy", "models", "playground", "requests", "usage", "key-health", "audit"])
        {
            await visit.Page.GotoAsync($"/studio/{workspace}/{page}");
            await visit.Page.Locator(".studio .lead").WaitForAsync();
            await visit.ShootAsync($"{page}-{scheme}-{width}".ToLowerInvariant());
            var overflow = await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(overflow <= 0, $"{page} is {overflow} px wider than {width} px.");
            var (text, back) = (await LuminanceAsync(visit.Page, "color"), await LuminanceAsync(visit.Page, "backgroundColor"));
            Assert.Equal(scheme == ColorScheme.Dark, text > back);
            Assert.True((Math.Max(text, back) + 0.05) / (Math.Min(text, back) + 0.05) >= 7, $"{page}: text {text:0.00} on {back:0.00}");
        }
    }

    [Fact]
    public async Task The_theme_can_be_switched_and_is_kept()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/policy", new() { ColorScheme = ColorScheme.Light });
        Assert.True(await LuminanceAsync(visit.Page, "backgroundColor") > 0.8);
        await visit.Page.GetByText("Light / dark").ClickAsync();
        await visit.Page.WaitForFunctionAsync("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(c => c < 80)");
        await visit.ShootAsync("policy-switched-to-dark");
        await visit.Page.ReloadAsync();
        await visit.Page.Locator(".studio .lead").WaitForAsync();
        await visit.Page.WaitForFunctionAsync("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(c => c < 80)");
    }

    [Fact]
    public async Task A_workspace_key_sees_its_own_workspace_and_ends_with_its_revocation()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (own, key) = await stack.NewWorkspaceAsync();
        var (other, _) = await stack.NewWorkspaceAsync();
        await using var visit = await stack.VisitAsync(key, $"/studio/{own}/provider-keys");
        await Expect(visit.Page.Locator("#workspace option")).ToHaveCountAsync(1);
        await visit.Page.GotoAsync($"/studio/{other}/provider-keys");
        await Expect(visit.Page.GetByText("There is no such workspace, or it is not yours.")).ToBeVisibleAsync();

        await visit.Page.GotoAsync($"/studio/{own}/api-keys");
        await visit.Page.FillAsync("#name", "too late");
        var keys = await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{own}/api-keys");
        await stack.AdminAsync(HttpMethod.Delete, $"/api/workspaces/{own}/api-keys/{keys["api_keys"]![0]!["id"]}");
        // The page finds out by itself within seconds, or at once when it is asked to act.
        await Expect(visit.Page).ToHaveURLAsync(new Regex("/studio/sign-in"), new() { Timeout = 20_000 });
        Assert.Single((await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{own}/api-keys"))["api_keys"]!.AsArray());
    }

    private async Task<HttpStatusCode> ModelsAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var response = await stack.Api.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>Presses Tab until the element has the focus, as a person without a mouse does.</summary>
    private static async Task TabToAsync(IPage page, string id)
    {
        for (var i = 0; i < 40; i++)
        {
            if (await page.EvaluateAsync<string?>("document.activeElement?.id") == id)
                return;
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab never reaches #{id}.");
    }

    /// <summary>Relative luminance of the page's text or background, as WCAG computes it.</summary>
    private static async Task<double> LuminanceAsync(IPage page, string property)
    {
        var colour = await page.EvaluateAsync<double[]>($"getComputedStyle(document.body).{property}.match(/[\\d.]+/g).slice(0, 3).map(Number)");
        var linear = colour.Select(c => c / 255).Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        return (0.2126 * linear[0]) + (0.7152 * linear[1]) + (0.0722 * linear[2]);
    }
}
