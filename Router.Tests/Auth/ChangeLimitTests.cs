using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>What one workspace's key can do to all: every change is read anew by every replica, and every key is held by each.</summary>
public sealed class ChangeLimitTests(PostgresFixture postgres)
{
    private const string Default = "/api/workspaces/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspaces_keys_change_things_only_so_often_and_may_always_take_away()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token, args: "--Router:Limits:ChangesPerMinute=3");
        using var manager = await host.ManagerAsync("default", Token);
        using var other = await host.ManagerAsync("default", Token);
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 8; i++)
            answers.Add(await (i % 2 == 0 ? manager : other).PostAsync($"{Default}/api-keys", Json($$"""{"name":"key {{i}}","permissions":["manage"]}"""), Token));
        // A minute may end meanwhile, by the limiter's clock, and another three pass.
        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.Created), 3, 6);
        var refused = answers.First(answer => answer.StatusCode != HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("rate_limit_exceeded", problem.GetProperty("code").GetString());
        Assert.Contains("3 changes per minute", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        var made = (await answers[0].Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await manager.DeleteAsync($"{Default}/api-keys/{made}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await manager.GetAsync($"{Default}/api-keys", Token)).StatusCode);
        using var admin = host.Client();
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync($"{Default}/api-keys", Json("""{"name":"admin"}"""), Token)).StatusCode);
        answers.ForEach(answer => answer.Dispose());
    }

    [Fact]
    public async Task Saved_routers_count_as_changes()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token, args: "--Router:Limits:ChangesPerMinute=1");
        using var manager = await host.ManagerAsync("default", Token);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 4; i++)
            statuses.Add((await manager.PostAsync("/router/v1/routers", Json("{}"), Token)).StatusCode);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Fact]
    public async Task A_workspace_has_so_many_active_keys_and_no_more()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        await using (var fill = database.CreateCommand(
            $"INSERT INTO router_keys (id, workspace_id, name, secret_hash, permissions) SELECT 'fill' || n, 'default', 'fill', '\\x00'::bytea, 1 FROM generate_series(1, {RouterKeyStore.MostPerWorkspace}) n"))
        {
            await fill.ExecuteNonQueryAsync(Token);
        }

        using var admin = host.Client();
        using var refused = await admin.PostAsync($"{Default}/api-keys", Json("""{"name":"one more"}"""), Token);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("too_many_api_keys", (await refused.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{Default}/api-keys/fill1", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync($"{Default}/api-keys", Json("""{"name":"one more"}"""), Token)).StatusCode);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
