using System.Net;

namespace Router.Tests.EndToEnd;

/// <summary>What the AppHost's dashboard offers leads somewhere.</summary>
[Collection(StackCollection.Name)]
public sealed class DashboardTests(Stack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_links_of_the_api_are_pages_it_serves()
    {
        ResourceEvent api = await stack.App.ResourceNotifications.WaitForResourceAsync("api", e => e.Snapshot.Urls.Count(url => !url.IsInactive) > 3, Cancel);
        var links = api.Snapshot.Urls.Where(url => url.DisplayProperties.DisplayName.Length > 0).ToDictionary(url => url.DisplayProperties.DisplayName, url => url.Url);
        Assert.Equal(["API reference", "Metrics", "Studio"], links.Keys.Order());
        foreach ((string name, string url) in links.Where(link => Stack.HasStudio || link.Key != "Studio"))
        {
            using HttpResponseMessage page = await stack.Api.GetAsync(url, Cancel);
            Assert.Equal((HttpStatusCode.OK, name == "Metrics" ? "text/plain" : "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        }
    }

    [Fact]
    public async Task The_command_of_the_worker_has_every_key_checked()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        await workspace.SaveKeyAsync($"sim-good-{workspace.Id}");
        await stack.ScriptAsync($"sim-good-{workspace.Id}", """{"as":"invalid"}""");
        ExecuteCommandResult result = await stack.App.ResourceCommands.ExecuteCommandAsync("worker", "recheck-keys", Cancel);
        Assert.True(result.Success, result.Message);
        string status = "";
        for (int i = 0; i < 400 && status != "invalid"; i++)
        {
            await Task.Delay(100, Cancel);
            status = (string)(await workspace.KeyAsync())["status"]!;
        }

        Assert.Equal("invalid", status);
    }
}
