using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Router.Api.Studio;
using Router.Api.Studio.Layout;
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
        await OpenAsync(host, token, typeof(ProviderKeysPage), async (address, html) =>
        {
            address.Go("mine");
            address.Go("theirs");
            await hold.CommitAsync(Token);
            // Long enough for the queries of either page; what is claimed is that nothing comes.
            for (var look = 0; look < 50; look++)
            {
                Assert.DoesNotContain("ZZZZ", html(), StringComparison.Ordinal);
                await Task.Delay(10, Token);
            }

            address.Go("mine");
            await WaitAsync(() => html().Contains("AAAA", StringComparison.Ordinal));
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
            await OpenAsync(host, key, typeof(AuditPage), async (address, html) =>
            {
                address.Go("mine");
                await WaitAsync(() => html().Contains("workspace.create", StringComparison.Ordinal));
                Assert.Equal(shown, html().Contains("provider_key.create", StringComparison.Ordinal));
                Assert.Equal(shown, html().Contains("workspace.delete", StringComparison.Ordinal));
            });
        }
    }

    /// <summary>Opens the Studio as whoever the key is, at a page of no workspace yet.</summary>
    private static async Task OpenAsync(StudioHost host, string key, Type page, Func<Address, Func<string>, Task> visit)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var user = host.Services.GetRequiredService<StudioAuthentication>().SignIn(key)!;
        ((IHostEnvironmentAuthenticationStateProvider)scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>())
            .SetAuthenticationState(Task.FromResult(new AuthenticationState(user.ToPrincipal())));
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, NullLoggerFactory.Instance);
        await renderer.Dispatcher.InvokeAsync(async () =>
        {
            Address? address = null;
            var root = renderer.BeginRenderingComponent<Address>(ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(Address.Page)] = page,
                [nameof(Address.Made)] = (Action<Address>)(made => address = made),
            }));
            await visit(address!, root.ToHtmlString);
        });
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

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (var look = 0; !condition(); look++)
        {
            Assert.True(look < 500, "The page did not come.");
            await Task.Delay(10, Token);
        }
    }

    /// <summary>Stands for the browser's address: the same page, another workspace.</summary>
    private sealed class Address : ComponentBase
    {
        private string? _workspace;

        [Parameter]
        public required Type Page { get; set; }

        [Parameter]
        public required Action<Address> Made { get; set; }

        public void Go(string workspace)
        {
            _workspace = workspace;
            StateHasChanged();
        }

        protected override void OnParametersSet() => Made(this);

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            if (_workspace is null)
                return;
            builder.OpenComponent<AuthorizeRouteView>(0);
            builder.AddComponentParameter(1, nameof(AuthorizeRouteView.RouteData), new RouteData(Page, new Dictionary<string, object?> { ["Workspace"] = _workspace }));
            builder.AddComponentParameter(2, nameof(AuthorizeRouteView.DefaultLayout), typeof(PlainLayout));
            builder.CloseComponent();
        }
    }
}
