using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Router.Api.Studio.Pages;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>The policy page, rendered as the server renders it, over a real Postgres.</summary>
public sealed class PolicyPageTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 1)]
    public async Task The_fee_is_the_administrators_to_set_whatever_a_browser_sends(bool administrator, int fee)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        var manager = await SeedAsync(host);
        await RenderedPage.OpenAsync(host, administrator ? StudioHost.AdminKey : manager.Reveal(), typeof(PolicyPage), async page =>
        {
            await page.GoAsync("mine", "save-policy");
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = "1" }, "id", "fee");
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = true }, "id", "byok-only");
            await page.RaiseAsync("onsubmit", EventArgs.Empty);
            Assert.Contains("saved and in force", page.Html, StringComparison.Ordinal);
        });
        var policy = await PolicyAsync(database);
        Assert.Equal((true, fee, 7L), (policy.ByokOnly, policy.ByokFeePercent, policy.Limits.RequestsPerSecond));
    }

    [Fact]
    public async Task What_somebody_else_saved_meanwhile_is_shown_and_not_overwritten()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await SeedAsync(host);
        var workspaces = host.Services.GetRequiredService<WorkspaceStore>();
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(PolicyPage), async page =>
        {
            await page.GoAsync("mine", "save-policy");
            // Limits are not on this page: a change of theirs is no conflict, and is kept.
            await workspaces.ChangePolicyAsync("mine", policy => policy with { Limits = new LimitSettings(9) }, AuditOrigin.System, Token);
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = true }, "name", "openai");
            await page.RaiseAsync("onsubmit", EventArgs.Empty);
            Assert.Contains("saved and in force", page.Html, StringComparison.Ordinal);

            await workspaces.ChangePolicyAsync("mine", policy => policy with { ByokFeePercent = 8 }, AuditOrigin.System, Token);
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = true }, "id", "byok-only");
            await page.RaiseAsync("onsubmit", EventArgs.Empty);
            Assert.Contains("Somebody else changed the policy", page.Html, StringComparison.Ordinal);
            Assert.False((await PolicyAsync(database)).ByokOnly);
            Assert.Contains("value=\"8\"", page.Html, StringComparison.Ordinal);

            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = true }, "id", "byok-only");
            await page.RaiseAsync("onsubmit", EventArgs.Empty);
            Assert.Contains("saved and in force", page.Html, StringComparison.Ordinal);
        });
        var saved = await PolicyAsync(database);
        Assert.Equal((true, 8m, 9L, "openai"), (saved.ByokOnly, saved.ByokFeePercent, saved.Limits.RequestsPerSecond, Assert.Single(saved.AllowedProviders)));
    }

    [Fact]
    public async Task A_policy_of_a_workspace_that_was_deleted_is_not_called_saved()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await SeedAsync(host);
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(PolicyPage), async page =>
        {
            await page.GoAsync("mine", "save-policy");
            await host.Services.GetRequiredService<WorkspaceStore>().DeleteAsync("mine", AuditOrigin.System, Token);
            await page.RaiseAsync("onsubmit", EventArgs.Empty);
            Assert.Contains("There is no such workspace any more.", page.Html, StringComparison.Ordinal);
        });
    }

    private static async Task<WorkspacePolicy> PolicyAsync(NpgsqlDataSource database) => (await new WorkspaceStore(database).FindAsync("mine", Token))!.Policy;

    private static async Task<RouterKeyToken> SeedAsync(StudioHost host)
    {
        var workspaces = host.Services.GetRequiredService<WorkspaceStore>();
        await workspaces.CreateAsync("mine", "mine", Token);
        await workspaces.ChangePolicyAsync("mine", policy => policy with { ByokFeePercent = 5, Limits = new LimitSettings(7) }, AuditOrigin.System, Token);
        var token = RouterKeyToken.Generate();
        await host.Services.GetRequiredService<RouterKeyStore>().CreateAsync("mine", "mine", RouterKeyPermissions.Manage, token, Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        return token;
    }
}
