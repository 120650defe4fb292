using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>A leaked key is worth what it may do itself, and nothing that it could make.</summary>
public sealed class KeyMintingTests(PostgresFixture postgres)
{
    private const string Default = "/api/workspaces/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("manage", false, null, "inference", null, false)]
    [InlineData("manage", false, null, "inference manage", null, false)]
    [InlineData("manage", false, null, "manage", null, true)]
    [InlineData("manage", true, null, "inference", null, true)]
    [InlineData("inference manage", false, null, "inference", null, true)]
    [InlineData("inference manage", false, 10, "inference", 11, false)]
    [InlineData("inference manage", false, 10, "inference", 0, false)]
    [InlineData("inference manage", false, 10, "inference", 10, true)]
    [InlineData("inference manage", false, 0, "inference", 0, true)]
    public void What_a_key_may_give_away(string own, bool byPolicy, int? ownLimit, string asked, int? askedLimit, bool granted)
    {
        var maker = new RouterKey("id", "default", "maker", [], Permissions(own)) { Limits = new(ownLimit, ownLimit) };
        var (limits, refusal) = KeyGrant.From(maker, WorkspacePolicy.Default with { ManageKeysMayMintInference = byPolicy }, Permissions(asked), new(askedLimit, askedLimit));
        Assert.Equal(granted, refusal is null);
        Assert.Equal(new LimitSettings(askedLimit, askedLimit), limits);
    }

    [Fact]
    public void A_limit_that_is_not_named_is_the_makers_own()
    {
        var maker = new RouterKey("id", "default", "maker", [], RouterKeyPermissions.Inference) { Limits = new(7, null) };
        Assert.Equal((new LimitSettings(7, 50), null), KeyGrant.From(maker, WorkspacePolicy.Default, RouterKeyPermissions.Inference, new(null, 50)));
    }

    [Fact]
    public async Task A_managing_key_makes_callers_only_where_the_administrator_lets_it_and_cannot_let_itself()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var admin = host.Client();
        using var manager = await host.ManagerAsync("default", Token);
        using var refused = await manager.PostAsync($"{Default}/api-keys", Json("""{"name":"caller"}"""), Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("permission_denied", (await refused.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("code").GetString());
        var audit = await admin.GetFromJsonAsync<JsonElement>($"{Default}/audit?limit=1", Token);
        Assert.Equal("api_key.create permission_denied", $"{audit.GetProperty("entries")[0].GetProperty("action")} {audit.GetProperty("entries")[0].GetProperty("outcome")}");

        const string lets = """{"manage_keys_may_mint_inference":true}""";
        Assert.Equal(HttpStatusCode.Forbidden, (await manager.PutAsync($"{Default}/policy", Json(lets), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync($"{Default}/policy", Json(lets), Token)).StatusCode);
        Assert.True((await admin.GetFromJsonAsync<JsonElement>($"{Default}/policy", Token)).GetProperty("manage_keys_may_mint_inference").GetBoolean());
        Assert.Equal(HttpStatusCode.Created, (await manager.PostAsync($"{Default}/api-keys", Json("""{"name":"caller"}"""), Token)).StatusCode);
    }

    [Fact]
    public async Task Refused_attempts_leave_no_more_entries_in_the_log_than_the_workspace_may_make_changes()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token, args: "--Router:Limits:ChangesPerMinute=5");
        using var manager = await host.ManagerAsync("default", Token);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 50; i++)
        {
            statuses.Add(i % 2 == 0
                ? (await manager.DeleteAsync(Default, Token)).StatusCode
                : (await manager.PostAsync($"{Default}/api-keys", Json("""{"name":"caller"}"""), Token)).StatusCode);
        }

        await using var count = database.CreateCommand("SELECT count(*)::int FROM audit_log WHERE outcome = 'permission_denied'");
        // A minute may end meanwhile.
        Assert.InRange((int)(await count.ExecuteScalarAsync(Token))!, 5, 10);
        Assert.InRange(statuses.Count(status => status == HttpStatusCode.TooManyRequests), 40, 45);
    }

    private static RouterKeyPermissions Permissions(string names) => names.Split(' ').Aggregate(RouterKeyPermissions.None, (all, name) => all | Enum.Parse<RouterKeyPermissions>(name, ignoreCase: true));

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
