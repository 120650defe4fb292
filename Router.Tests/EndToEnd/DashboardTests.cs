#if !USE_ASPIRE
using System.Net;
using Router.AppHost.Embedded;

namespace Router.Tests.EndToEnd;

/// <summary>What the AppHost's dashboard offers leads somewhere.</summary>
[Collection(StackCollection.Name)]
public sealed class DashboardTests(Stack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_links_of_the_api_are_pages_it_serves()
    {
        string[] links = [.. stack.App.Model.Resources.Single(resource => resource.Name == "api").Annotations.OfType<ResourceUrlAnnotation>().Select(link => $"{link.DisplayText} {link.Url}")];
        Assert.Equal(["Studio /studio", "API reference /scalar"], links);
        foreach (string link in links.Where(link => Stack.HasStudio || !link.StartsWith("Studio", StringComparison.Ordinal)))
        {
            using HttpResponseMessage page = await stack.Api.GetAsync(link[(link.LastIndexOf(' ') + 1)..], Cancel);
            Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        }
    }

    [Fact]
    public async Task The_command_of_the_worker_has_every_key_checked()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        await workspace.SaveKeyAsync($"sim-good-{workspace.Id}");
        await stack.ScriptAsync($"sim-good-{workspace.Id}", """{"as":"invalid"}""");
        ExecuteCommandResult result = await stack.App.ResourceCommands.ExecuteCommandAsync("worker", "recheck-keys", Cancel);
        Assert.True(result.Success, result.ErrorMessage);
        string status = "";
        for (int i = 0; i < 400 && status != "invalid"; i++)
        {
            await Task.Delay(100, Cancel);
            status = (string)(await workspace.KeyAsync())["status"]!;
        }

        Assert.Equal("invalid", status);
    }
}
#endif
