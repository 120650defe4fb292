using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>Signing in to the Studio, and everything that must not count as signed in.</summary>
public sealed class SessionTests(PostgresFixture postgres, SharedStudio shared) : IClassFixture<SharedStudio>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_admin_key_signs_in_and_the_cookie_is_out_of_reach_of_scripts_and_other_sites()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        using var before = await browser.Http.GetAsync("/studio", Cancel);
        Assert.Equal(HttpStatusCode.Redirect, before.StatusCode);
        Assert.StartsWith("/studio/sign-in", before.Headers.Location!.PathAndQuery, StringComparison.Ordinal);

        using var signedIn = await browser.SignInAsync(StudioHost.AdminKey, Cancel);
        Assert.Equal("/studio", signedIn.Headers.Location!.OriginalString);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), one => one.StartsWith("router-studio=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(StudioHost.AdminKey, cookie, StringComparison.Ordinal);
        using var page = await browser.Http.GetAsync("/studio", Cancel);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Behind_TLS_every_cookie_is_secure()
    {
        StudioHost host = await shared.HostAsync(Cancel);
        using var browser = host.Browser();
        browser.Http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var page = await browser.Http.GetAsync("/studio/sign-in", Cancel);
        Assert.All(page.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("")]
    [InlineData("admin-key-of-the-studio-test")]
    [InlineData("rk_nobody_0000000000000000000000000000000000000000")]
    public async Task A_wrong_key_signs_nobody_in(string key)
    {
        StudioHost host = await shared.HostAsync(Cancel);
        using var browser = host.Browser();
        using var refused = await browser.SignInAsync(key, Cancel);
        Assert.StartsWith("/studio/sign-in?failed=key", refused.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Null(browser.Cookies.GetAllCookies()["router-studio"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CfDJ8Nonsense")]
    public async Task A_form_without_its_antiforgery_token_is_refused(string token)
    {
        StudioHost host = await shared.HostAsync(Cancel);
        using var browser = host.Browser();
        await browser.TokenAsync(Cancel);
        using var refused = await browser.SignInAsync(StudioHost.AdminKey, Cancel, token);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Null(browser.Cookies.GetAllCookies()["router-studio"]);

        // Nor can another site sign somebody out.
        (await browser.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        using var signOut = await browser.Http.PostAsync("/studio/sign-out", new FormUrlEncodedContent([]), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, signOut.StatusCode);
        Assert.NotNull(browser.Cookies.GetAllCookies()["router-studio"]);
    }

    [Fact]
    public async Task A_session_ends_after_a_working_day_however_it_is_used()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        (await browser.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        for (var hour = 1; hour < 8; hour++)
        {
            host.Time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(HttpStatusCode.OK, (await browser.Http.GetAsync("/studio", Cancel)).StatusCode);
        }

        host.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Http.GetAsync("/studio", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_cookie_of_another_admin_key_or_of_a_revoked_router_key_is_no_session()
    {
        var database = await postgres.CreateDatabaseAsync(Cancel);
        var master = ("Router:MasterKeys:0", $"k1:{Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(i => (byte)i)])}");
        await using var host = await StudioHost.StartAsync(database, Cancel, master);
        using var admin = host.Browser();
        (await admin.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();

        // The same database and master key, another admin key: the cookie opens, and is refused.
        await using var rotated = await StudioHost.StartAsync(database, Cancel, master, ("Router:AdminKey", "another-key-of-the-tests"));
        using var elsewhere = rotated.Browser();
        elsewhere.Cookies.Add(rotated.Address, new Cookie("router-studio", admin.Cookies.GetAllCookies()["router-studio"]!.Value));
        Assert.Equal(HttpStatusCode.Redirect, (await elsewhere.Http.GetAsync("/studio", Cancel)).StatusCode);

        var token = RouterKeyToken.Generate();
        var (workspaces, keys) = (host.Services.GetRequiredService<WorkspaceStore>(), host.Services.GetRequiredService<RouterKeyStore>());
        await workspaces.CreateAsync("acme", "Acme", Cancel);
        await keys.CreateAsync("acme", "manager", RouterKeyPermissions.Manage, token, Cancel);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Cancel);
        using var manager = host.Browser();
        (await manager.SignInAsync(token.Reveal(), Cancel)).Dispose();
        Assert.Equal(HttpStatusCode.OK, (await manager.Http.GetAsync("/studio", Cancel)).StatusCode);
        await keys.RevokeAsync("acme", token.Id, Cancel);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Cancel);
        Assert.Equal(HttpStatusCode.Redirect, (await manager.Http.GetAsync("/studio", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_every_copy_of_its_cookie_on_every_replica_and_no_other_session()
    {
        var database = await postgres.CreateDatabaseAsync(Cancel);
        var master = ("Router:MasterKeys:0", $"k1:{Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(i => (byte)i)])}");
        await using var host = await StudioHost.StartAsync(database, Cancel, master);
        await using var replica = await StudioHost.StartAsync(database, Cancel, master);
        using var browser = host.Browser();
        using var another = host.Browser();
        (await browser.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        (await another.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        using var thief = host.Browser();
        using var elsewhere = replica.Browser();
        foreach (var (copy, address) in new[] { (thief, host.Address), (elsewhere, replica.Address) })
        {
            copy.Cookies.Add(address, new Cookie("router-studio", browser.Cookies.GetAllCookies()["router-studio"]!.Value));
            Assert.Equal(HttpStatusCode.OK, (await copy.Http.GetAsync("/studio", Cancel)).StatusCode);
        }

        using var left = await browser.SignOutAsync(Cancel);
        Assert.Equal("/studio/sign-in", left.Headers.Location!.OriginalString);
        foreach (var copy in new[] { browser, thief, elsewhere })
        {
            using var refused = await copy.Http.GetAsync("/studio", Cancel);
            Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await another.Http.GetAsync("/studio", Cancel)).StatusCode);
    }

    [Fact]
    public async Task What_is_kept_of_a_session_opens_nothing_has_an_end_and_is_bounded()
    {
        var database = await postgres.CreateDatabaseAsync(Cancel);
        await using var host = await StudioHost.StartAsync(database, Cancel);
        var sessions = host.Services.GetRequiredService<SessionStore>();
        var first = await sessions.BeginAsync("somebody", TimeSpan.FromHours(8), Cancel);
        var other = await sessions.BeginAsync("somebody else", TimeSpan.FromHours(8), Cancel);
        var over = await sessions.BeginAsync("somebody", TimeSpan.FromMilliseconds(1), Cancel);
        await using (var command = database.CreateCommand("SELECT string_agg(s::text, ' ') FROM studio_sessions s"))
        {
            var dump = (string)(await command.ExecuteScalarAsync(Cancel))!;
            Assert.DoesNotContain(first, dump, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("somebody", dump, StringComparison.Ordinal);
        }

        Assert.True(await sessions.IsOpenAsync(first, Cancel));
        Assert.False(await sessions.IsOpenAsync(over, Cancel));
        Assert.False(await sessions.IsOpenAsync("", Cancel));
        for (var i = 0; i < SessionStore.MostOfOne; i++)
            await sessions.BeginAsync("somebody", TimeSpan.FromHours(8), Cancel);
        Assert.False(await sessions.IsOpenAsync(first, Cancel), "The oldest did not make room.");
        Assert.True(await sessions.IsOpenAsync(other, Cancel));
        await using var count = database.CreateCommand("SELECT count(*) FROM studio_sessions");
        Assert.Equal(SessionStore.MostOfOne + 1L, await count.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_page_that_is_open_does_nothing_more_for_a_session_that_was_ended_elsewhere()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "Mine", Cancel);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Cancel);
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(Router.Api.Studio.Pages.PolicyPage), async page =>
        {
            await page.GoAsync("mine", "save-policy");
            var ended = host.Services.GetRequiredService<Npgsql.NpgsqlDataSource>().CreateCommand("DELETE FROM studio_sessions");
            await ended.ExecuteNonQueryAsync(Cancel);
            await page.RaiseAsync("onsubmit", EventArgs.Empty);
            Assert.Contains("Your session has ended", page.Html, StringComparison.Ordinal);
        });
        Assert.Equal(WorkspacePolicy.Default.ByokOnly, (await host.Services.GetRequiredService<WorkspaceStore>().FindAsync("mine", Cancel))!.Policy.ByokOnly);
    }

    [Fact]
    public async Task A_key_that_may_only_call_models_does_not_sign_in()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        var token = RouterKeyToken.Generate();
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("acme", "Acme", Cancel);
        await host.Services.GetRequiredService<RouterKeyStore>().CreateAsync("acme", "caller", RouterKeyPermissions.Inference, token, Cancel);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Cancel);
        using var browser = host.Browser();
        (await browser.SignInAsync(token.Reveal(), Cancel)).Dispose();
        Assert.Null(browser.Cookies.GetAllCookies()["router-studio"]);
    }

    [Fact]
    public async Task A_session_cookie_opens_no_control_plane()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        (await browser.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        using var refused = await browser.Http.GetAsync("/api/workspaces", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task The_circuit_is_opened_by_this_origins_pages_alone()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        (await browser.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1") { Headers = { { "Origin", "https://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Http.SendAsync(foreign, Cancel)).StatusCode);
        using var own = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1") { Headers = { { "Origin", host.Address.GetLeftPart(UriPartial.Authority) } } };
        Assert.Equal(HttpStatusCode.OK, (await browser.Http.SendAsync(own, Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("/_Blazor")]
    [InlineData("/_BLAZOR")]
    [InlineData("/%5Fblazor")]
    public async Task However_its_path_is_written_another_origin_opens_no_circuit(string path)
    {
        StudioHost host = await shared.HostAsync(Cancel);
        using var browser = host.Browser();
        foreach (var origins in (string[][])[["https://evil.example"], ["null"], [host.Address.GetLeftPart(UriPartial.Authority), "https://evil.example"]])
        {
            using var foreign = new HttpRequestMessage(HttpMethod.Post, $"{path}/negotiate?negotiateVersion=1");
            foreach (var origin in origins)
                foreign.Headers.Add("Origin", origin);
            Assert.Equal(HttpStatusCode.Forbidden, (await browser.Http.SendAsync(foreign, Cancel)).StatusCode);
        }

        using var own = new HttpRequestMessage(HttpMethod.Post, $"{path}/negotiate?negotiateVersion=1") { Headers = { { "Origin", host.Address.GetLeftPart(UriPartial.Authority).ToUpperInvariant() } } };
        Assert.Equal(HttpStatusCode.OK, (await browser.Http.SendAsync(own, Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("/studio/acme/policy", "/studio/acme/policy")]
    [InlineData("https://evil.example/", "/studio")]
    [InlineData("//evil.example", "/studio")]
    [InlineData("/studio//evil.example", "/studio")]
    [InlineData("/studio\\evil", "/studio")]
    [InlineData("/studio/sign-in", "/studio")]
    public async Task Signing_in_leads_to_a_page_of_the_studio_only(string back, string to)
    {
        StudioHost host = await shared.HostAsync(Cancel);
        using var browser = host.Browser();
        using var signedIn = await browser.SignInAsync(StudioHost.AdminKey, Cancel, back: back);
        Assert.Equal(to, signedIn.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Guessing_is_slowed_down()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        var token = await browser.TokenAsync(Cancel);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 31; i++)
            statuses.Add((await browser.SignInAsync($"guess {i}", Cancel, token)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        Assert.All(statuses.SkipLast(1), status => Assert.Equal(HttpStatusCode.Redirect, status));
    }

    [Fact]
    public async Task Cookies_are_sealed_with_keys_the_database_alone_does_not_open()
    {
        var database = await postgres.CreateDatabaseAsync(Cancel);
        await using var host = await StudioHost.StartAsync(database, Cancel);
        using var browser = host.Browser();
        (await browser.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        await using var command = database.CreateCommand("SELECT xml FROM data_protection_keys");
        var xml = (string)(await command.ExecuteScalarAsync(Cancel))!;
        Assert.Contains("<ciphertext>", xml, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey requiresEncryption", xml, StringComparison.Ordinal);
        Assert.DoesNotContain("<value>", xml, StringComparison.Ordinal);

        // Another replica with the same master key would open it; one with another master key starts anew and signs in all the same.
        await using var other = await StudioHost.StartAsync(database, Cancel);
        using var elsewhere = other.Browser();
        elsewhere.Cookies.Add(other.Address, new Cookie("router-studio", browser.Cookies.GetAllCookies()["router-studio"]!.Value));
        Assert.Equal(HttpStatusCode.Redirect, (await elsewhere.Http.GetAsync("/studio", Cancel)).StatusCode);
        (await elsewhere.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.Http.GetAsync("/studio", Cancel)).StatusCode);
    }
}
