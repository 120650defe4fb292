using Microsoft.Extensions.DependencyInjection;
using Router.Api.Studio.Pages;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>The page of a workspace's keys, rendered as the server renders it, over a real Postgres.</summary>
public sealed class ProviderKeysPageTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_of_the_operators_that_is_of_no_use_is_said_there_and_its_setting_to_the_administrator_alone(bool administrator)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token, ("Router:Providers:cerebras:ApiKey", "csk\u2013Zz9x8w7v6u5t"), ("GROQ_API_KEY", "gsk_good_key"));
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "Mine", Token);
        var manager = RouterKeyToken.Generate();
        await host.Services.GetRequiredService<RouterKeyStore>().CreateAsync("mine", "mine", RouterKeyPermissions.Manage, manager, Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        await RenderedPage.OpenAsync(host, administrator ? StudioHost.AdminKey : manager.Reveal(), typeof(ProviderKeysPage), async page =>
        {
            await page.GoAsync("mine", "data-system-key=\"cerebras\"");
            Assert.Contains("Cerebras", page.Html, StringComparison.Ordinal);
            Assert.Equal(administrator, page.Html.Contains("Router:Providers:cerebras:ApiKey", StringComparison.Ordinal));
            Assert.DoesNotContain("data-system-key=\"groq\"", page.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("Zz9x", page.Html, StringComparison.Ordinal);
        });
    }
}
