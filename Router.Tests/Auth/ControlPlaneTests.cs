using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Auth;

public sealed class ControlPlaneTests(PostgresFixture postgres, SharedControlPlane shared) : IClassFixture<SharedControlPlane>
{
    private const string Canary = "sk-canary-7Qd0xZ31mmWf";
    private const string Keys = "/api/workspaces/default/provider-keys";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KeyCheckOutcome.Valid, "", 200, "valid")]
    [InlineData(KeyCheckOutcome.RateLimited, "", 200, "rate_limited")]
    [InlineData(KeyCheckOutcome.Unverifiable, "", 200, "unverifiable")]
    [InlineData(KeyCheckOutcome.Limited, "?force=true", 200, "limited")]
    [InlineData(KeyCheckOutcome.Limited, "", 422, "provider_key_limited")]
    [InlineData(KeyCheckOutcome.Invalid, "?force=true", 422, "provider_key_invalid")]
    public async Task Saving_a_key_follows_the_outcome_of_its_check(KeyCheckOutcome outcome, string query, int status, string said)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        host.Answer = new(outcome, "The provider said so.", UpstreamStatus: 401);
        using var response = await client.PutAsync($"{Keys}/openai{query}", Json($$"""{"api_key":"  {{Canary}}\n"}"""), Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(status, (int)response.StatusCode);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(said, json.RootElement.GetProperty(status == 200 ? "status" : "code").GetString());
        Assert.Equal(status == 200, host.Snapshot.Workspaces["default"].ProviderKeys.TryGetValue("openai", out var stored));
        Assert.Equal(status == 200 ? Canary : null, stored?.Secret?.Reveal());
        Assert.Equal(status == 200 ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await client.GetAsync($"{Keys}/openai", Token)).StatusCode);
        Assert.DoesNotContain(Canary, body + host.Logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"api_key":""}""", 400)]
    [InlineData("""{"api_key":"   "}""", 400)]
    [InlineData("""{}""", 400)]
    [InlineData("""{"api_key":"sk-canary\u0000-7Qd0"}""", 400)]
    [InlineData("""{"api_key":"sk-canary\n-7Qd0"}""", 400)]
    [InlineData("""{"api_key":12345}""", 400)]
    [InlineData("""["sk-canary"]""", 400)]
    [InlineData("""{"api_key":"sk-canary""", 400)]
    [InlineData("null", 400)]
    [InlineData("", 400)]
    public async Task A_hostile_body_is_a_problem_that_quotes_nothing(string body, int status)
    {
        ControlPlaneHost host = await shared.HostAsync(Token);
        using var client = host.Client();
        using var response = await client.PutAsync($"{Keys}/openai", Json(body), Token);
        var answer = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("canary", answer + host.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_bound_is_refused_unread()
    {
        ControlPlaneHost host = await shared.HostAsync(Token);
        using var client = host.Client();
        using var response = await client.PutAsync($"{Keys}/openai", Json($$"""{"api_key":"{{new string('a', 100_000)}}"}"""), Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task An_unknown_provider_is_answered_with_the_known_ones()
    {
        ControlPlaneHost host = await shared.HostAsync(Token);
        using var client = host.Client();
        using var response = await client.PutAsync($"{Keys}/nobody", Json("{}"), Token);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Contains(ProviderTable.All[0].Slug, problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_key_is_listed_checked_again_and_deleted()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        await client.PutAsync($"{Keys}/openai", Json($$"""{"api_key":"{{Canary}}"}"""), Token);
        var list = await client.GetStringAsync(Keys, Token);
        Assert.Contains("\"last_four\":\"mmWf\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, list, StringComparison.Ordinal);

        host.Answer = new(KeyCheckOutcome.Invalid, "Revoked.");
        using var check = await client.PostAsync($"{Keys}/openai/validate", null, Token);
        Assert.Equal("invalid", (await check.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("status").GetString());
        Assert.Equal(CredentialStatus.Invalid, host.Snapshot.Workspaces["default"].ProviderKeys["openai"].Status);

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{Keys}/openai", Token)).StatusCode);
        Assert.Empty(host.Snapshot.Workspaces["default"].ProviderKeys);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"{Keys}/openai", Token)).StatusCode);
    }

    [Fact]
    public async Task A_router_key_is_shown_once_works_at_once_and_stays_in_its_workspace()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var admin = host.Client();
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync("/api/workspaces", Json("""{"id":"other"}"""), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PostAsync("/api/workspaces", Json("""{"id":"other"}"""), Token)).StatusCode);
        using var created = await admin.PostAsync("/api/workspaces/default/api-keys", Json("""{"name":"ops","permissions":["inference","manage"]}"""), Token);
        var key = (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("api_key").GetString()!;
        Assert.DoesNotContain(key[^40..], await admin.GetStringAsync("/api/workspaces/default/api-keys", Token) + host.Logs.Text, StringComparison.Ordinal);

        using var manager = host.Client(key);
        Assert.Equal(HttpStatusCode.OK, (await manager.GetAsync("/api/workspaces/default", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await manager.GetAsync("/api/workspaces/other", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await manager.GetAsync("/api/workspaces/other/provider-keys", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await manager.PostAsync("/api/workspaces", Json("""{"id":"mine"}"""), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await manager.DeleteAsync("/api/workspaces/default", Token)).StatusCode);
        var list = await manager.GetFromJsonAsync<JsonElement>("/api/workspaces", Token);
        Assert.Equal("default", Assert.Single(list.GetProperty("workspaces").EnumerateArray()).GetProperty("id").GetString());

        var id = key.Split('_')[1];
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/workspaces/default/api-keys/{id}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await manager.GetAsync("/api/workspaces/default", Token)).StatusCode);
    }

    [Fact]
    public async Task A_policy_is_validated_and_reads_back()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        const string Path = "/api/workspaces/default/policy";
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsync(Path, Json("""{"cross_to_system":["caller_fault"]}"""), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsync(Path, Json("""{"cross_to_system":[null]}"""), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsync(Path, Json("""{"allowed_providers":["nobody"]}"""), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.PutAsync(Path, Json("""{"byok_only":true,"cross_to_system":["quota"],"allowed_providers":["GROQ"]}"""), Token)).StatusCode);
        Assert.Equal("""{"byok_only":true,"cross_to_system":["quota"],"allowed_providers":["groq"],"byok_fee_percent":0}""", await client.GetStringAsync(Path, Token));
        Assert.True(host.Snapshot.Workspaces["default"].Policy.ByokOnly);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("2.5", "2.5")]
    [InlineData("2.50", "2.5")]
    [InlineData("1e2", "100")]
    [InlineData("0.01", "0.01")]
    [InlineData("null", "0")]
    public async Task A_fee_reads_back_as_the_number_it_is(string sent, string shown)
    {
        ControlPlaneHost host = await shared.HostAsync(Token);
        using var client = host.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.PutAsync("/api/workspaces/default/policy", Json($$"""{"byok_fee_percent":{{sent}}}"""), Token)).StatusCode);
        Assert.Equal(
            $$"""{"byok_only":false,"cross_to_system":["credential","quota","rate_limit","model_access"],"allowed_providers":[],"byok_fee_percent":{{shown}}}""",
            await client.GetStringAsync("/api/workspaces/default/policy", Token));
        Assert.Equal(decimal.Parse(shown, System.Globalization.CultureInfo.InvariantCulture), host.Snapshot.Workspaces["default"].Policy.ByokFeePercent);
    }

    [Theory]
    [InlineData("""{"byok_fee_percent":-0.01}""", "byok_fee_percent")]
    [InlineData("""{"byok_fee_percent":100.01}""", "byok_fee_percent")]
    [InlineData("""{"byok_fee_percent":1.005}""", "byok_fee_percent")]
    [InlineData("""{"byok_fee_percent":1e400}""", "byok_fee_percent")]
    [InlineData("""{"byok_fee_percent":"5"}""", "byok_fee_percent")]
    [InlineData("""{"byok_only":"yes","cross_to_system":["unknown"],"allowed_providers":"all","byok_fee_percent":101}""", "byok_only cross_to_system allowed_providers byok_fee_percent")]
    [InlineData("""{"cross_to_system":["region_blocked"]}""", "cross_to_system")]
    [InlineData("""{"byok_onyl":true}""", "byok_onyl")]
    [InlineData("""{"surprise":null,"byok_only":true,"byok_only":false}""", "surprise byok_only")]
    [InlineData("""[]""", "body")]
    public async Task A_wrong_policy_is_refused_with_every_wrong_member_named_and_changes_nothing(string body, string members)
    {
        ControlPlaneHost host = await shared.HostAsync(Token);
        WorkspacePolicy before = host.Snapshot.Workspaces["default"].Policy;
        using var client = host.Client();
        using var response = await client.PutAsync("/api/workspaces/default/policy", Json(body), Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(members.Split(' '), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal(members.Split(' ')[0], problem.GetProperty("param").GetString());
        Assert.Equal(before, host.Snapshot.Workspaces["default"].Policy);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Without_a_known_key_nothing_answers(string? key)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client(key);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/workspaces", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.PutAsync($"{Keys}/openai", Json("{}"), Token)).StatusCode);
    }

    [Fact]
    public async Task A_key_that_cannot_be_known_yet_is_not_called_wrong()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=1");
        await using var host = await ControlPlaneHost.StartAsync(nowhere, Token, seed: false);
        using var client = host.Client(RouterKeyToken.Generate().Reveal());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/api/workspaces", Token)).StatusCode);
    }

    [Fact]
    public async Task Whoever_can_connect_is_answered_from_the_stored_state()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        Assert.True(host.Snapshot.Workspaces.ContainsKey("default"));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
