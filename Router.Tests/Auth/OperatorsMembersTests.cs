using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>What of a policy is the operator's: the fee a workspace owes and the limits that hold it.</summary>
public sealed class OperatorsMembersTests(PostgresFixture postgres)
{
    private const string Policy = "/api/workspaces/default/policy";
    private const string Stored = """{"byok_only":false,"byok_fee_percent":5,"limits":{"requests_per_second":7}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"byok_fee_percent":0,"limits":{"requests_per_second":7}}""")]
    [InlineData("""{"byok_fee_percent":5,"limits":{"requests_per_second":0}}""")]
    [InlineData("""{"byok_fee_percent":5,"limits":{"requests_per_second":7,"tokens_per_minute":9}}""")]
    [InlineData("""{"byok_only":true}""")]
    public async Task A_workspaces_own_key_cannot_change_them(string body)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var admin = host.Client();
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync(Policy, Json(Stored), Token)).StatusCode);
        var before = await admin.GetStringAsync(Policy, Token);
        using var manager = await host.ManagerAsync("default", Token);
        using var response = await manager.PutAsync(Policy, Json(body), Token);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("permission_denied", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("code").GetString());
        Assert.Equal(before, await admin.GetStringAsync(Policy, Token));
        Assert.Equal(5, host.Snapshot.Workspaces["default"].Policy.ByokFeePercent);
        var audit = await admin.GetFromJsonAsync<JsonElement>("/api/workspaces/default/audit?limit=1", Token);
        Assert.Equal("policy.change permission_denied", $"{audit.GetProperty("entries")[0].GetProperty("action")} {audit.GetProperty("entries")[0].GetProperty("outcome")}");
    }

    [Fact]
    public async Task A_workspaces_own_key_that_sends_them_as_they_are_changes_the_rest()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var admin = host.Client();
        using var manager = await host.ManagerAsync("default", Token);
        Assert.Equal(HttpStatusCode.OK, (await manager.PutAsync(Policy, Json("""{"byok_only":true}"""), Token)).StatusCode);
        await admin.PutAsync(Policy, Json(Stored), Token);
        Assert.Equal(HttpStatusCode.OK, (await manager.PutAsync(Policy, Json(Stored.Replace("false", "true", StringComparison.Ordinal).Replace(":5", ":5.00", StringComparison.Ordinal)), Token)).StatusCode);
        var policy = host.Snapshot.Workspaces["default"].Policy;
        Assert.Equal((true, 5m, 7L), (policy.ByokOnly, policy.ByokFeePercent, policy.Limits.RequestsPerSecond));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
