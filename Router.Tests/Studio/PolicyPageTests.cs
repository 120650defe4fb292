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
