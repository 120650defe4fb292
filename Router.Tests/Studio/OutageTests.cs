using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Studio.Pages;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>A database that does not answer is told as that: not as a missing workspace, an empty list, a wrong key or an ended session.</summary>
public sealed class OutageTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(typeof(ProviderKeysPage))]
    [InlineData(typeof(RouterKeysPage))]
    [InlineData(typeof(PolicyPage))]
    [InlineData(typeof(ModelsPage))]
    [InlineData(typeof(PlaygroundPage))]
    [InlineData(typeof(RequestsPage))]
    [InlineData(typeof(UsagePage))]
    [InlineData(typeof(KeyHealthPage))]
    [InlineData(typeof(AuditPage))]
    public async Task A_page_says_so_and_offers_another_try(Type type)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "Mine", Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, type, async page =>
        {
            await using (await DeadDatabase.KillAsync(database, Token))
            {
                await page.GoAsync("mine", "id=\"retry\"");
                Assert.Contains("The database does not answer", page.Html, StringComparison.Ordinal);
                foreach (var untrue in new[] { "no such workspace", "No key yet", "No requests", "Nothing was used", "session has ended", "class=\"lead\"" })
                    Assert.DoesNotContain(untrue, page.Html, StringComparison.OrdinalIgnoreCase);
            }
        });
    }

    [Fact]
    public async Task Nobody_is_signed_out_signed_in_or_thrown_out_by_it_and_each_is_told()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        using var browser = host.Browser();
        using var stranger = host.Browser();
        (await browser.SignInAsync(StudioHost.AdminKey, Token)).Dispose();
        var token = await stranger.TokenAsync(Token);
        await using (await DeadDatabase.KillAsync(database, Token))
        {
            // The frame of the page: what is in it asks again.
            Assert.Equal(HttpStatusCode.OK, (await browser.Http.GetAsync("/studio", Token)).StatusCode);
            using var refused = await stranger.SignInAsync(StudioHost.AdminKey, Token, token);
            Assert.StartsWith("/studio/sign-in?failed=database", refused.Headers.Location!.OriginalString, StringComparison.Ordinal);
            await StudioPagesTests.IsPageAsync(await browser.SignOutAsync(Token), HttpStatusCode.ServiceUnavailable, "You are not signed out");
            Assert.NotNull(browser.Cookies.GetAllCookies()["router-studio"]);
        }

        Assert.Equal(HttpStatusCode.OK, (await browser.Http.GetAsync("/studio", Token)).StatusCode);
    }
}
