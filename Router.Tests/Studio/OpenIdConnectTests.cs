using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>Signing in through an organisation's identity provider.</summary>
public sealed class OpenIdConnectTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_of_the_administrators_group_signs_in()
    {
        await using var issuer = await TestIssuer.StartAsync(Cancel);
        issuer.Groups = ["staff", "router-admins"];
        await using var host = await StartAsync(issuer);
        using var browser = host.Browser();
        Assert.Equal("/studio/acme/policy", await SignInAsync(browser, "/studio/acme/policy"));
        Assert.Equal(HttpStatusCode.OK, (await browser.Http.GetAsync("/studio", Cancel)).StatusCode);
        Assert.Contains("Sign in with your organisation", await browser.Http.GetStringAsync("/studio/sign-in", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anybody_else_the_provider_knows_does_not()
    {
        await using var issuer = await TestIssuer.StartAsync(Cancel);
        issuer.Groups = ["staff", "router-admins-of-another"];
        await using var host = await StartAsync(issuer);
        using var browser = host.Browser();
        Assert.Equal("/studio/sign-in?failed=not-admin", await SignInAsync(browser, "/studio"));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Http.GetAsync("/studio", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_token_signed_with_another_key_does_not()
    {
        await using var issuer = await TestIssuer.StartAsync(Cancel);
        issuer.Groups = ["router-admins"];
        issuer.SignWith = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "test" };
        await using var host = await StartAsync(issuer);
        using var browser = host.Browser();
        Assert.Equal("/studio/sign-in?failed=oidc", await SignInAsync(browser, "/studio"));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Http.GetAsync("/studio", Cancel)).StatusCode);
    }

    [Fact]
    public async Task An_answer_nobody_asked_for_does_not()
    {
        await using var issuer = await TestIssuer.StartAsync(Cancel);
        await using var host = await StartAsync(issuer);
        using var browser = host.Browser();
        using var forged = await browser.Http.GetAsync("/studio/signin-oidc?code=x&state=y", Cancel);
        Assert.Equal("/studio/sign-in?failed=oidc", forged.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Without_configuration_there_is_no_such_way_in()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        await StudioPagesTests.IsPageAsync(await browser.Http.GetAsync("/studio/sign-in/oidc", Cancel), HttpStatusCode.NotFound, "No identity provider is configured");
        Assert.DoesNotContain("organisation", await browser.Http.GetStringAsync("/studio/sign-in", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_without_a_rule_for_administrators_fails_the_start() =>
        await Assert.ThrowsAsync<OptionsValidationException>(async () => await StudioHost.StartAsync(
            await postgres.CreateDatabaseAsync(Cancel), Cancel, ("Router:OpenIdConnect:Authority", "https://id.example"), ("Router:OpenIdConnect:ClientId", "x")));

    [Fact]
    public async Task A_provider_that_cannot_be_reached_is_told_on_a_page()
    {
        var issuer = await TestIssuer.StartAsync(Cancel);
        await using var host = await StartAsync(issuer);
        await issuer.DisposeAsync();
        using var browser = host.Browser();
        await StudioPagesTests.IsPageAsync(await browser.Http.GetAsync("/studio/sign-in/oidc?return=/studio/acme/policy", Cancel), HttpStatusCode.BadGateway, "cannot be reached");
    }

    [Theory]
    [InlineData("oidc", HttpStatusCode.Unauthorized, "did not work")]
    [InlineData("not-admin", HttpStatusCode.Forbidden, "not as an administrator")]
    [InlineData("key", HttpStatusCode.Unauthorized, "neither the admin key")]
    [InlineData("database", HttpStatusCode.ServiceUnavailable, "The database does not answer")]
    public async Task A_failed_sign_in_is_told_on_the_sign_in_page_under_its_status(string why, HttpStatusCode status, string said)
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        await StudioPagesTests.IsPageAsync(await browser.Http.GetAsync($"/studio/sign-in?failed={why}", Cancel), status, said);
    }

    private async Task<StudioHost> StartAsync(TestIssuer issuer) => await StudioHost.StartAsync(
        await postgres.CreateDatabaseAsync(Cancel),
        Cancel,
        ("Router:OpenIdConnect:Authority", issuer.Authority),
        ("Router:OpenIdConnect:ClientId", TestIssuer.ClientId),
        ("Router:OpenIdConnect:ClientSecret", TestIssuer.ClientSecret),
        ("Router:OpenIdConnect:AdminValue", "router-admins"),
        ("Router:OpenIdConnect:RequireHttpsMetadata", "false"));

    /// <summary>To the provider and back; where the Studio sends the browser then.</summary>
    private static async Task<string> SignInAsync(StudioBrowser browser, string back)
    {
        using var challenge = await browser.Http.GetAsync($"/studio/sign-in/oidc?return={Uri.EscapeDataString(back)}", Cancel);
        using var granted = await browser.Http.GetAsync(challenge.Headers.Location, Cancel);
        using var landed = await browser.Http.GetAsync(granted.Headers.Location, Cancel);
        return landed.Headers.Location!.OriginalString;
    }
}
