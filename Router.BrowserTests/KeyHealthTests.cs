using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using static Microsoft.Playwright.Assertions;

namespace Router.BrowserTests;

[Collection(StudioCollection.Name)]
public sealed class KeyHealthTests(StudioStack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_died_is_followed_from_its_history_to_the_request_and_its_trace()
    {
        Assert.SkipUnless(Browser.IsPresent, Browser.Missing);
        var (workspace, routerKey) = await stack.NewWorkspaceAsync();
        var keys = $"/api/workspaces/{workspace}/provider-keys";
        await stack.AdminAsync(HttpMethod.Put, $"{keys}/groq", new JsonObject { ["api_key"] = $"sim-good-{workspace}-groq" });
        await stack.AdminAsync(HttpMethod.Put, $"{keys}/openai", new JsonObject { ["api_key"] = $"sim-good-{workspace}" });
        await stack.AdminAsync(HttpMethod.Post, $"{keys}/openai/validate");
        using (var scripted = await stack.Simulator.PutAsync($"/_simulator/keys/sim-good-{workspace}", new StringContent("""{"as":"invalid"}""", System.Text.Encoding.UTF8, "application/json"), Cancel))
            Assert.True(scripted.IsSuccessStatusCode);
        var trace = await ChatAsync(routerKey);

        await using var visit = await stack.VisitAsync(stack.AdminKey, $"/studio/{workspace}/provider-keys");
        // The worker looks within a second or two of the failed request.
        await Eventually(async () => (string)(await stack.AdminAsync(HttpMethod.Get, $"{keys}/openai"))["status"]! == "invalid");
        await visit.Row("openai").GetByText("History").ClickAsync();
        await Expect(visit.Page.Locator(".studio h1")).ToHaveTextAsync("Key health");
        var key = visit.Page.Locator("[data-key]");
        await Expect(key).ToHaveCountAsync(1);
        await Expect(key.Locator("tbody tr")).ToHaveCountAsync(3);
        var died = key.Locator("tbody tr").First;
        await Expect(died).ToHaveAttributeAsync("data-cause", "live_failure");
        await Expect(died).ToContainTextAsync("Valid → Invalid");
        await Expect(died).ToContainTextAsync("credential");
        await Expect(key.Locator("tbody tr").Nth(1)).ToContainTextAsync("checked by the administrator");
        await Expect(key.Locator("tbody tr").Nth(2)).ToContainTextAsync("saved by the administrator");
        await Expect(key.Locator(".timeline rect")).ToHaveCountAsync(2);
        await Expect(died.Locator("a[data-trace]")).ToHaveAttributeAsync("href", StudioStack.Traces.Replace("{traceId}", trace, StringComparison.Ordinal));
        await visit.ShootAsync("key-health-of-a-dead-key");

        await visit.Page.SelectOptionAsync("#provider", "");
        await Expect(key).ToHaveCountAsync(2);
        await visit.Page.SelectOptionAsync("#provider", "openai");
        await died.GetByText("the request").ClickAsync();
        await Expect(visit.Page.Locator("#find")).ToHaveValueAsync(trace);
        await Expect(visit.Page.Locator(".waterfall li")).ToHaveCountAsync(2);
        await Expect(visit.Page.Locator(".request a[data-trace]")).ToHaveAttributeAsync("href", StudioStack.Traces.Replace("{traceId}", trace, StringComparison.Ordinal));
        await visit.ShootAsync("request-of-a-trace");
    }

    /// <returns>The trace of a chat that the workspace's key failed, and the operator's served.</returns>
    private async Task<string> ChatAsync(string routerKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", routerKey) },
            Content = JsonContent.Create(JsonNode.Parse("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}""")),
        };
        using var response = await stack.Api.SendAsync(request, Cancel);
        Assert.True(response.IsSuccessStatusCode);
        return response.Headers.GetValues("x-trace-id").Single();
    }

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 100; i++)
        {
            if (await holds())
                return;
            await Task.Delay(100, Cancel);
        }

        Assert.Fail("It did not hold within ten seconds.");
    }
}
