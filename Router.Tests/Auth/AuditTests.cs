using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Auth;

public sealed class AuditTests(PostgresFixture postgres)
{
    private const string Canary = "sk-canary-7Qd0xZ31mmWf";
    private const string Default = "/api/workspaces/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_is_an_entry_with_who_what_and_where_and_without_the_secret()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        await client.PutAsync($"{Default}/provider-keys/openai", Json($$"""{"api_key":"{{Canary}}"}"""), Token);
        await client.PutAsync($"{Default}/provider-keys/openai", Json($$"""{"api_key":"{{Canary}}2"}"""), Token);
        host.Answer = new(KeyCheckOutcome.Invalid, "Revoked.");
        await client.PostAsync($"{Default}/provider-keys/openai/validate", null, Token);
        await client.PutAsync($"{Default}/provider-keys/groq", Json($$"""{"api_key":"{{Canary}}3"}"""), Token);
        await client.DeleteAsync($"{Default}/provider-keys/openai", Token);
        using var created = await client.PostAsync($"{Default}/api-keys", Json("""{"name":"ops","permissions":["manage"]}"""), Token);
        var key = (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("api_key").GetString()!;
        await client.PutAsync($"{Default}/policy", Json("""{"byok_only":true}"""), Token);
        using (var manager = host.Client(key))
        {
            await manager.DeleteAsync(Default, Token);
            await manager.DeleteAsync($"{Default}/api-keys/{key.Split('_')[1]}", Token);
        }

        var text = await client.GetStringAsync($"{Default}/audit", Token);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('_')[2], text, StringComparison.Ordinal);
        var entries = JsonElement.Parse(text).GetProperty("entries").EnumerateArray().Reverse().ToArray();
        string id = key.Split('_')[1];
        Assert.Equal(
            [
                "system workspace.create default done  ",
                "admin provider_key.create openai done  valid",
                "admin provider_key.replace openai done valid valid",
                "admin provider_key.validate openai done valid invalid",
                "admin provider_key.save groq provider_key_invalid  ",
                "admin provider_key.delete openai done invalid ",
                $"admin api_key.create {id} done  active",
                "admin policy.change default done  ",
                $"router_key:{id} workspace.delete default permission_denied  ",
                $"router_key:{id} api_key.revoke {id} done active revoked",
            ],
            entries.Select(Line));
        Assert.All(entries[1..], entry => Assert.Equal("127.0.0.1", entry.GetProperty("client_ip").GetString()));
        Assert.All(entries[1..], entry => Assert.Matches("^[0-9a-f]{32}$", entry.GetProperty("trace_id").GetString()!));
        Assert.Equal("""{"byok_only":{"to":true,"from":false}}""", entries[7].GetProperty("changes").GetRawText());
    }

    [Fact]
    public async Task Behind_a_proxy_that_is_trusted_the_clients_own_address_is_logged()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token, args: "--ForwardedHeaders_Enabled=true");
        using var client = host.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        await client.PutAsync($"{Default}/policy", Json("""{"byok_only":true}"""), Token);
        var entries = JsonElement.Parse(await client.GetStringAsync($"{Default}/audit", Token)).GetProperty("entries");
        Assert.Equal("203.0.113.9", entries[0].GetProperty("client_ip").GetString());
    }

    [Fact]
    public async Task The_log_is_read_in_pages_newest_first()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        for (var i = 0; i < 6; i++)
            await client.PostAsync($"{Default}/api-keys", Json($$"""{"name":"key {{i}}"}"""), Token);
        var (seen, before) = (new List<long>(), "");
        for (var page = 0; page < 3; page++)
        {
            var answer = await client.GetFromJsonAsync<JsonElement>($"{Default}/audit?limit=3{before}", Token);
            seen.AddRange(answer.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("id").GetInt64()));
            var next = answer.GetProperty("next_before");
            Assert.Equal(page == 2, next.ValueKind == JsonValueKind.Null);
            before = next.ValueKind == JsonValueKind.Null ? "" : string.Create(CultureInfo.InvariantCulture, $"&before={next.GetInt64()}");
        }

        Assert.Equal(7, seen.Count);
        Assert.Equal(seen.Distinct().OrderDescending(), seen);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("before=-5", "before")]
    [InlineData("before=99999999999999999999", "before")]
    [InlineData("before=%00", "before")]
    public async Task A_bad_page_is_a_problem_that_names_the_parameter(string query, string member)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        using var response = await client.GetAsync($"{Default}/audit?{query}", Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(member, (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_deleted_workspace_keeps_its_log_for_the_administrator_and_the_next_of_that_name_does_not_see_it()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        const string Brief = "/api/workspaces/brief";
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"{Brief}/audit", Token)).StatusCode);
        await client.PostAsync("/api/workspaces", Json("""{"id":"brief"}"""), Token);
        await client.PutAsync($"{Brief}/provider-keys/openai", Json($$"""{"api_key":"{{Canary}}"}"""), Token);
        await client.DeleteAsync(Brief, Token);
        var entries = (await client.GetFromJsonAsync<JsonElement>($"{Brief}/audit", Token)).GetProperty("entries");
        Assert.Equal(["workspace.delete", "provider_key.create", "workspace.create"], entries.EnumerateArray().Select(entry => entry.GetProperty("action").GetString()));
        Assert.Equal("""{"api_keys":0,"provider_keys":1}""", entries[0].GetProperty("changes").GetRawText());

        await client.PostAsync("/api/workspaces", Json("""{"id":"brief"}"""), Token);
        using var created = await client.PostAsync($"{Brief}/api-keys", Json("""{"name":"new","permissions":["manage"]}"""), Token);
        using var tenant = host.Client((await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("api_key").GetString()!);
        entries = (await tenant.GetFromJsonAsync<JsonElement>($"{Brief}/audit", Token)).GetProperty("entries");
        Assert.Equal(["api_key.create", "workspace.create"], entries.EnumerateArray().Select(entry => entry.GetProperty("action").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await tenant.GetAsync($"{Default}/audit", Token)).StatusCode);
        using var nobody = host.Client(null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync($"{Default}/audit", Token)).StatusCode);
    }

    [Fact]
    public async Task A_change_that_cannot_be_logged_is_not_made_and_a_refusal_that_cannot_be_logged_stays_one()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        await database.CreateCommand("ALTER TABLE audit_log ADD CONSTRAINT closed CHECK (action = 'x') NOT VALID").ExecuteNonQueryAsync(Token);
        Assert.False((await client.PutAsync($"{Default}/provider-keys/openai", Json($$"""{"api_key":"{{Canary}}"}"""), Token)).IsSuccessStatusCode);
        Assert.False((await client.PutAsync($"{Default}/policy", Json("""{"byok_only":true}"""), Token)).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"{Default}/provider-keys/openai", Token)).StatusCode);
        Assert.Contains("\"byok_only\":false", await client.GetStringAsync($"{Default}/policy", Token), StringComparison.Ordinal);

        host.Answer = new(KeyCheckOutcome.Invalid, "Revoked.");
        Assert.Equal(422, (int)(await client.PutAsync($"{Default}/provider-keys/openai", Json($$"""{"api_key":"{{Canary}}"}"""), Token)).StatusCode);
        Assert.Contains("audit log lost an entry", host.Logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, host.Logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE audit_log SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit_log")]
    [InlineData("TRUNCATE audit_log")]
    public async Task The_log_is_append_only(string statement)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.CreateCommand(statement).ExecuteNonQueryAsync(Token));
        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
    }

    private static string Line(JsonElement entry)
    {
        var actor = entry.GetProperty("actor").GetString() + (entry.GetProperty("actor_id").GetString() is { } id ? $":{id}" : "");
        return string.Join(' ', [actor, .. ((string[])["action", "target", "outcome", "from_status", "to_status"]).Select(name => entry.GetProperty(name).GetString() ?? "")]);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
