using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>The administrator has every key looked at again; the worker does it.</summary>
[Collection(StackCollection.Name)]
public sealed class RecheckTests(Stack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_that_died_unused_are_found_when_all_are_checked_again()
    {
        TestWorkspace[] workspaces = [await stack.NewWorkspaceAsync(), await stack.NewWorkspaceAsync()];
        foreach (TestWorkspace workspace in workspaces)
        {
            await workspace.SaveKeyAsync($"sim-good-{workspace.Id}");
            await stack.ScriptAsync($"sim-good-{workspace.Id}", """{"as":"invalid"}""");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/provider-keys/recheck");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", stack.AdminKey);
        using HttpResponseMessage response = await stack.Api.SendAsync(request, Cancel);
        string trace = response.Headers.GetValues("x-trace-id").Single();
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.True((int)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["keys"]! >= workspaces.Length);

        foreach (TestWorkspace workspace in workspaces)
        {
            string status = "";
            for (int i = 0; i < 600 && status != "invalid"; i++)
            {
                await Task.Delay(100, Cancel);
                status = (string)(await workspace.KeyAsync())["status"]!;
            }

            Assert.Equal("invalid", status);
            JsonNode entry = (await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/audit"))["entries"]![0]!;
            Assert.Equal(("provider_key.recheck_all", "admin", workspace.Id, 1), ((string)entry["action"]!, (string)entry["actor"]!, (string)entry["target"]!, (int)entry["changes"]!["keys"]!));
            ExportedSpan check = await stack.Otlp.WaitForAsync(
                all => all.FirstOrDefault(span => span.Name == "recheck provider key" && span.Tags.GetValueOrDefault("router.workspace") == workspace.Id && span.LinkedTraces.Contains(trace)), "the check, linked to who asked");
            Assert.Equal(("worker", "person", "invalid"), (check.Service, check.Tags["router.check.trigger"], check.Tags["router.check.outcome"]));
        }
    }

    [Fact]
    public async Task A_workspace_key_may_not_ask_for_it()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        JsonNode manager = await stack.AdminAsync(HttpMethod.Post, $"/api/workspaces/{workspace.Id}/api-keys", new JsonObject { ["name"] = "ops", ["permissions"] = new JsonArray("inference", "manage") });
        foreach ((string? key, HttpStatusCode expected) in new[] { ((string)manager["api_key"]!, HttpStatusCode.Forbidden), (workspace.RouterKey, HttpStatusCode.Unauthorized), (null, HttpStatusCode.Unauthorized) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/provider-keys/recheck");
            request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
            using HttpResponseMessage response = await stack.Api.SendAsync(request, Cancel);
            Assert.Equal(expected, response.StatusCode);
        }

        JsonNode entry = (await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/audit"))["entries"]![0]!;
        Assert.Equal(("provider_key.recheck_all", "permission_denied"), ((string)entry["action"]!, (string)entry["outcome"]!));
    }
}
