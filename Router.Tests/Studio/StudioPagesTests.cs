using System.Net;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>A person with a browser gets a page under the right status, whatever goes wrong.</summary>
public sealed class StudioPagesTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/studio/acme/no-such-page", true)]
    [InlineData("/studio/acme/policy/more", true)]
    [InlineData("/studio/nothing/at/all/here", false)]
    [InlineData("/studio/not-found", true)]
    [InlineData("/studio/not-found", false)]
    [InlineData("/somewhere", false)]
    public async Task An_unknown_address_is_a_page_that_says_so(string address, bool signedIn)
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        browser.Http.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
        if (signedIn)
            (await browser.SignInAsync(StudioHost.AdminKey, Cancel)).Dispose();
        using var answer = await browser.Http.GetAsync(address, Cancel);
        await IsPageAsync(answer, HttpStatusCode.NotFound, "There is no such page");
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_not_the_studios_and_too_many_tries_are_pages_too()
    {
        await using var host = await StudioHost.StartAsync(await postgres.CreateDatabaseAsync(Cancel), Cancel);
        using var browser = host.Browser();
        await IsPageAsync(await browser.SignInAsync(StudioHost.AdminKey, Cancel, "no token"), HttpStatusCode.BadRequest, "Go back");
        await IsPageAsync(await browser.Http.GetAsync("/studio/sign-out", Cancel), HttpStatusCode.NotFound, "There is no such page");
        var token = await browser.TokenAsync(Cancel);
        HttpResponseMessage last = null!;
        for (var i = 0; i < 31; i++)
            last = await browser.SignInAsync($"guess {i}", Cancel, token);
        await IsPageAsync(last, HttpStatusCode.TooManyRequests, "Too many tries");
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/api/workspaces/acme/nothing")]
    public async Task A_client_of_the_API_gets_no_page(string address)
    {
        await using var database = await postgres.CreateDatabaseAsync(Cancel);
        await using var host = await ControlPlaneHost.StartAsync(database, Cancel);
        using var client = host.Client();
        using var answer = await client.GetAsync(address, Cancel);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("\"not_found\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var wrong = await client.DeleteAsync("/api/providers", Cancel);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "application/problem+json"), (wrong.StatusCode, wrong.Content.Headers.ContentType?.MediaType));
    }

    internal static async Task IsPageAsync(HttpResponseMessage answer, HttpStatusCode status, string says)
    {
        using (answer)
        {
            var text = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
            Assert.Equal((status, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.StartsWith("<!DOCTYPE html>", text, StringComparison.Ordinal);
            Assert.Contains(says, text, StringComparison.Ordinal);
        }
    }
}
