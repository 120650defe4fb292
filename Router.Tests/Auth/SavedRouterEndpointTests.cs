using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Router.Core.Keys;
using Router.Tests.Routing.SavedRouters;
using Router.Tests.Support;
using JsonObject = System.Text.Json.Nodes.JsonObject;

namespace Router.Tests.Auth;

public sealed class SavedRouterEndpointTests(PostgresFixture postgres, SharedControlPlane shared) : IClassFixture<SharedControlPlane>
{
    private const string Routers = "/router/v1/routers";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_router_is_created_shown_changed_and_deleted_and_each_time_in_force_and_logged()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client(await KeyAsync(host, "manage"));

        var (status, body) = await SendAsync(client, HttpMethod.Post, Routers, Definitions.Whole);
        Assert.Equal((HttpStatusCode.OK, true), (status, (bool)body["done"]!));
        Assert.StartsWith("operations/", (string)body["name"]!, StringComparison.Ordinal);
        var expected = JsonNode.Parse(Definitions.Whole)!;
        expected["name"] = "whole";
        Assert.True(JsonNode.DeepEquals(expected, body["response"]));
        Assert.Equal("premium", host.Snapshot.Workspaces["default"].SavedRouters["whole"].Router!.Routes[0].Route.Id);
        var id = host.Snapshot.Workspaces["default"].SavedRouters["whole"].Id;

        (status, body) = await SendAsync(client, HttpMethod.Get, $"{Routers}/whole");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(JsonNode.DeepEquals(expected, body));

        (status, body) = await SendAsync(client, HttpMethod.Patch, $"{Routers}/whole?update_mask=display_name,routes", """{"name":"routers/whole","displayName":"New","defaults":{}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("New", 0, 7), ((string)body["response"]!["displayName"]!, body["response"]!["routes"]!.AsArray().Count, (int)body["response"]!["defaults"]!["text_generation_config"]!["seed"]!));
        var changed = host.Snapshot.Workspaces["default"].SavedRouters["whole"];
        Assert.Equal((id, 2, "New", 0), (changed.Id, changed.Revision, changed.Router!.DisplayName, changed.Router.Routes.Length));

        (status, body) = await SendAsync(client, HttpMethod.Delete, $"{Routers}/whole");
        Assert.Equal((HttpStatusCode.OK, "{}"), (status, body.ToJsonString()));
        Assert.Empty(host.Snapshot.Workspaces["default"].SavedRouters);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(client, HttpMethod.Get, $"{Routers}/whole")).Status);

        var log = await new AuditStore(database, NullLogger<AuditStore>.Instance).ListAsync("default", null, null, 50, Token);
        Assert.Equal(
            [("router.delete", "{\"revision\": 2}"), ("router.change", "{\"changed\": [\"displayName\", \"routes\"], \"revision\": 2}"), ("router.create", "{\"revision\": 1}")],
            log.Where(entry => entry.Target == "whole").Select(entry => (entry.Action, entry.Changes?.GetRawText() ?? "")));
        Assert.All(log.Where(entry => entry.Target == "whole"), entry => Assert.Equal("router_key", entry.Origin.Actor));
    }

    [Theory]
    [InlineData("POST", "", "WHOLE", 409, "router_exists", "name")]
    [InlineData("POST", "", """{"name":"b"}""", 400, "invalid_request", "defaultRoute")]
    [InlineData("POST", "", "{", 400, "invalid_request", null)]
    [InlineData("POST", "", "", 400, "invalid_request", null)]
    [InlineData("POST", "", """{"name":"b","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"nobody/x"},"weight":100}]}}""", 400, "invalid_request", "defaultRoute.variants[0].variant.model_id")]
    [InlineData("PATCH", "/whole", """{"name":"b"}""", 400, "invalid_request", "name")]
    [InlineData("PATCH", "/whole?update_mask=a..b", "{}", 400, "invalid_request", "update_mask")]
    [InlineData("PATCH", "/whole?update_mask=*", "{}", 400, "invalid_request", "defaultRoute")]
    [InlineData("PATCH", "/whole", """{"displayName":"a","display_name":"b"}""", 400, "invalid_request", "display_name")]
    [InlineData("PATCH", "/whole", """{"x":{"y":1,"y":2}}""", 400, "invalid_request", null)]
    [InlineData("PATCH", "/whole", "[]", 400, "invalid_request", null)]
    [InlineData("PATCH", "/nobody", "{}", 404, "router_not_found", null)]
    [InlineData("GET", "/nobody", null, 404, "router_not_found", null)]
    [InlineData("GET", "/%0A", null, 404, "router_not_found", null)]
    [InlineData("DELETE", "/nobody", null, 404, "router_not_found", null)]
    [InlineData("DELETE", "/A%2Fb", null, 404, "router_not_found", null)]
    [InlineData("GET", "?pageSize=x", null, 400, "invalid_request", "pageSize")]
    [InlineData("GET", "?pageToken=%00", null, 400, "invalid_request", "pageToken")]
    [InlineData("GET", "?workspace=other", null, 404, "workspace_not_found", "workspace")]
    public async Task What_cannot_be_done_is_said_in_the_envelope_of_the_public_api(string method, string path, string? body, int status, string code, string? param)
    {
        ControlPlaneHost host = await shared.HostAsync(Token);
        using var client = host.Client(await KeyAsync(host, "manage"));
        await SendAsync(client, HttpMethod.Post, Routers, Definitions.Whole);
        var (answered, error) = await SendAsync(client, new HttpMethod(method), Routers + path, body?.Replace("WHOLE", Definitions.Whole, StringComparison.Ordinal));
        Assert.Equal((status, code, param), ((int)answered, (string?)error["error"]?["code"], (string?)error["error"]?["param"]));
        Assert.Equal(1, host.Snapshot.Workspaces["default"].SavedRouters["whole"].Revision);
    }

    [Fact]
    public async Task Who_may_do_what_depends_on_the_key()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        await new WorkspaceStore(database).CreateAsync("other", "Other", Token);
        using var admin = host.Client();
        using var reader = host.Client(await KeyAsync(host, "inference"));
        using var stranger = host.Client("rk_Nobody000001_" + new string('x', 40));

        Assert.Equal((HttpStatusCode.BadRequest, "workspace"), await ErrorAsync(admin, HttpMethod.Post, Routers));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(admin, HttpMethod.Post, $"{Routers}?workspace=default", Definitions.Weighted("a", 100))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(admin, HttpMethod.Post, $"{Routers}?workspace=other", Definitions.Weighted("a", 100))).Status);
        Assert.Equal((HttpStatusCode.NotFound, "workspace"), await ErrorAsync(admin, HttpMethod.Post, $"{Routers}?workspace=nobody"));
        Assert.Equal((HttpStatusCode.NotFound, "workspace"), await ErrorAsync(admin, HttpMethod.Get, $"{Routers}?workspace=%00"));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(reader, HttpMethod.Get, $"{Routers}/a")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(reader, HttpMethod.Get, Routers)).Status);
        foreach (var (method, path) in new[] { (HttpMethod.Post, ""), (HttpMethod.Patch, "/a"), (HttpMethod.Delete, "/a") })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(reader, method, Routers + path, "{}")).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(stranger, method, Routers + path, "{}")).Status);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(stranger, HttpMethod.Get, Routers)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(admin, HttpMethod.Delete, $"{Routers}/a?workspace=other")).Status);
        Assert.Equal(["a"], host.Snapshot.Workspaces["default"].SavedRouters.Keys);
        Assert.Empty(host.Snapshot.Workspaces["other"].SavedRouters);
    }

    [Fact]
    public async Task The_list_comes_in_pages_by_name()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client(await KeyAsync(host, "manage"));
        string[] names = ["a", "a-1", "b", "c1", "z"];
        foreach (var name in names.Reverse())
            await SendAsync(client, HttpMethod.Post, Routers, Definitions.Weighted(name, 100));
        var (found, page, token) = (new List<string>(), 0, "");
        do
        {
            var (_, body) = await SendAsync(client, HttpMethod.Get, $"{Routers}?{(page++ == 0 ? "pageSize" : "page_size")}=2&pageToken={token}");
            found.AddRange(body["routers"]!.AsArray().Select(router => (string)router!["name"]!));
            Assert.Equal(names.Length, (int)body["totalSize"]!);
            token = (string)body["nextPageToken"]!;
        }
        while (token.Length > 0);
        Assert.Equal((3, 5), (page, found.Count));
        Assert.Equal(names, found);
        Assert.Equal(5, (await SendAsync(client, HttpMethod.Get, $"{Routers}?pageSize=0")).Body["routers"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_definition_is_kept_as_it_was_written_even_where_a_text_has_zeros()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client(await KeyAsync(host, "manage"));
        var sent = Definitions.Weighted("a", 100).Replace("{\"name\"", "{\"x\":[1.50,1E5,\"\\u0000\\n😀\"],\"name\"", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(client, HttpMethod.Post, Routers, sent)).Status);
        using var response = await client.GetAsync($"{Routers}/a", Token);
        Assert.Contains("""[1.50,1E5,"\u0000\n😀"]""", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stored_definition_that_is_not_valid_any_more_is_shown_with_the_reason_and_can_be_replaced()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client(await KeyAsync(host, "manage"));
        await SendAsync(client, HttpMethod.Post, Routers, Definitions.Weighted("good", 100));
        var good = host.Snapshot.Workspaces["default"].SavedRouters["good"];
        await new SavedRouterStore(database).CreateAsync("default", "old", """{"name":"old","routes":[{"route":{}}]}""", AuditOrigin.System, Token);
        await Eventually.HoldsAsync(() => host.Snapshot.Workspaces["default"].SavedRouters.ContainsKey("old"), TimeSpan.FromSeconds(5), Token);
        Assert.Contains("condition", host.Snapshot.Workspaces["default"].SavedRouters["old"].Problem, StringComparison.Ordinal);
        Assert.NotNull(good.Router);
        Assert.Same(good, host.Snapshot.Workspaces["default"].SavedRouters["good"]);

        var (_, body) = await SendAsync(client, HttpMethod.Get, $"{Routers}/old");
        Assert.Contains("condition", (string)body["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(2, (await SendAsync(client, HttpMethod.Get, Routers)).Body["routers"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(client, HttpMethod.Patch, $"{Routers}/old?updateMask=*", Definitions.Weighted("old", 100))).Status);
        Assert.NotNull(host.Snapshot.Workspaces["default"].SavedRouters["old"].Router);
    }

    [Fact]
    public async Task Changes_at_the_same_time_lose_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = new SavedRouterStore(database);
        await new WorkspaceStore(database).CreateAsync("w", "W", Token);
        var created = (await store.CreateAsync("w", "a", Definitions.Weighted("a", 100), AuditOrigin.System, Token)).Created!;
        Assert.Equal(SavedRouterCreation.Exists, (await store.CreateAsync("w", "a", "{}", AuditOrigin.System, Token)).Outcome);
        Assert.Equal(SavedRouterCreation.NoWorkspace, (await store.CreateAsync("x", "a", "{}", AuditOrigin.System, Token)).Outcome);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.ReplaceAsync("w", "a", created.Revision, "{}", [], AuditOrigin.System, Token)));
        Assert.Single(outcomes, outcome => outcome is { Revision: 2 });
        Assert.Equal(3, outcomes.Count(outcome => outcome is null));
        Assert.Null(await store.ReplaceAsync("x", "a", 2, "{}", [], AuditOrigin.System, Token));
        Assert.False(await store.DeleteAsync("x", "a", AuditOrigin.System, Token));
        Assert.Null(await store.FindAsync("x", "a", Token));
        Assert.True(await new WorkspaceStore(database).DeleteAsync("w", Token));
        Assert.Null(await store.FindAsync("w", "a", Token));
    }

    [Fact]
    public async Task A_definition_that_is_too_large_is_413()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client(await KeyAsync(host, "manage"));
        var (status, body) = await SendAsync(client, HttpMethod.Post, Routers, Definitions.Weighted("a", 100) + new string(' ', 256 * 1024));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "request_too_large"), (status, (string)body["error"]!["code"]!));
    }

    private static async Task<string> KeyAsync(ControlPlaneHost host, string permission)
    {
        using var admin = host.Client();
        var (_, body) = await SendAsync(admin, HttpMethod.Post, "/api/workspaces/default/api-keys", $$"""{"name":"test","permissions":["{{permission}}"]}""");
        return (string)body["api_key"]!;
    }

    private static async Task<(HttpStatusCode, string?)> ErrorAsync(HttpClient client, HttpMethod method, string path)
    {
        var (status, body) = await SendAsync(client, method, path, method == HttpMethod.Post ? Definitions.Weighted("new", 100) : null);
        return (status, (string?)body["error"]!["param"]);
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpClient client, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, Token);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Token)) ?? new JsonObject());
    }
}
