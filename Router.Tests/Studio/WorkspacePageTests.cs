using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Router.Api.Studio.Pages;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>The real pages, rendered as the server renders them, over a real Postgres.</summary>
public sealed class WorkspacePageTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_that_moves_on_while_it_loads_shows_nothing_of_a_workspace_that_is_not_the_users()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        var token = (await SeedAsync(host)).Reveal();

        // The first page's query waits while the second address arrives.
        await using var holder = await database.OpenConnectionAsync(Token);
        await using var hold = await holder.BeginTransactionAsync(Token);
        await new NpgsqlCommand("LOCK TABLE workspaces IN ACCESS EXCLUSIVE MODE", holder).ExecuteNonQueryAsync(Token);
        await RenderedPage.OpenAsync(host, token, typeof(ProviderKeysPage), async page =>
        {
            page.Go("mine");
            page.Go("theirs");
            await hold.CommitAsync(Token);
            // Long enough for the queries of either page; what is claimed is that nothing comes.
            for (var look = 0; look < 50; look++)
            {
                Assert.DoesNotContain("ZZZZ", page.Html, StringComparison.Ordinal);
                await Task.Delay(10, Token);
            }

            page.Go("mine");
            await page.WaitAsync(html => html.Contains("AAAA", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task The_audit_log_begins_with_the_workspace_for_its_key_and_before_it_for_the_administrator()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await SeedAsync(host);
        await host.Services.GetRequiredService<WorkspaceStore>().DeleteAsync("mine", AuditOrigin.System, Token);
        await host.Services.GetRequiredService<WorkspaceStore>().DeleteAsync("theirs", AuditOrigin.System, Token);
        var token = await SeedAsync(host, withKeys: false);
        foreach (var (key, shown) in new[] { (token.Reveal(), false), (StudioHost.AdminKey, true) })
        {
            await RenderedPage.OpenAsync(host, key, typeof(AuditPage), async page =>
            {
                page.Go("mine");
                await page.WaitAsync(html => html.Contains("workspace.create", StringComparison.Ordinal));
                Assert.Equal(shown, page.Html.Contains("provider_key.create", StringComparison.Ordinal));
                Assert.Equal(shown, page.Html.Contains("workspace.delete", StringComparison.Ordinal));
            });
        }
    }

    private static async Task<RouterKeyToken> SeedAsync(StudioHost host, bool withKeys = true)
    {
        foreach (var (id, last) in new[] { ("mine", "AAAA"), ("theirs", "ZZZZ") })
        {
            await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync(id, id, Token);
            if (!withKeys)
                continue;
            await host.Services.GetRequiredService<ProviderKeyStore>()
                .SaveAsync(id, "openai", new Secret($"sk-secret-of-{last}"), new KeyVerdict(CredentialStatus.Valid, null, null, TimeSpan.FromHours(1), 0), Token);
        }

        var token = RouterKeyToken.Generate();
        await host.Services.GetRequiredService<RouterKeyStore>().CreateAsync("mine", "mine", RouterKeyPermissions.Manage, token, Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        return token;
    }
}
