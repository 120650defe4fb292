using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Auth;

public sealed class KeyHistoryTests(PostgresFixture postgres)
{
    private const string Key = "/api/workspaces/default/provider-keys/openai";
    private const string Request = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_keys_history_says_what_happened_why_and_who_or_what_asked()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        await client.PutAsJsonAsync(Key, new Dictionary<string, string> { ["api_key"] = "sk-history" }, Token);
        await client.PostAsync($"{Key}/validate", null, Token);
        await CheckAsync(database, null, CredentialStatus.Valid);
        await CheckAsync(database, null, CredentialStatus.Limited);
        await CheckAsync(database, Request, CredentialStatus.Invalid);
        host.Answer = new(KeyCheckOutcome.Valid, "Fine.");

        var page = await client.GetFromJsonAsync<JsonElement>($"{Key}/history?limit=3", Token);
        var older = await client.GetFromJsonAsync<JsonElement>($"{Key}/history?limit=3&before={page.GetProperty("next_before")}", Token);
        Assert.Equal(JsonValueKind.Null, older.GetProperty("next_before").ValueKind);
        var entries = page.GetProperty("entries").EnumerateArray().Concat(older.GetProperty("entries").EnumerateArray()).ToArray();
        Assert.Equal(
            [
                "worker live_failure  limited>invalid because invalid",
                "worker schedule  valid>limited because limited",
                "person person admin valid>valid because ",
                "save person admin >valid because ",
            ],
            entries.Select(entry => $"{entry.GetProperty("source")} {entry.GetProperty("cause")} {entry.GetProperty("actor")} {entry.GetProperty("from_status")}>{entry.GetProperty("to_status")} because {entry.GetProperty("reason")}"));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", entries[0].GetProperty("trace_id").GetString());
        Assert.Matches("^[0-9a-f]{32}$", entries[2].GetProperty("trace_id").GetString()!);
    }

    [Theory]
    [InlineData("openai/history", HttpStatusCode.NotFound)]
    [InlineData("nobody/history", HttpStatusCode.NotFound)]
    [InlineData("openai/history?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("openai/history?limit=201", HttpStatusCode.BadRequest)]
    public async Task A_history_there_is_none_of_is_a_problem(string path, HttpStatusCode expected)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        using var response = await client.GetAsync($"/api/workspaces/default/provider-keys/{path}", Token);
        Assert.Equal((expected, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    /// <summary>A worker's check that finds the key so.</summary>
    private static async Task CheckAsync(Npgsql.NpgsqlDataSource database, string? failed, CredentialStatus found)
    {
        var checks = new KeyCheckStore(database);
        await database.CreateCommand("UPDATE provider_keys SET next_check_at = now()").ExecuteNonQueryAsync(Token);
        var key = Assert.Single(await checks.ClaimDueAsync("worker", 1, TimeSpan.FromMinutes(1), Token));
        if (failed is not null)
        {
            await checks.RequestRecheckAsync(key.Id, key.WorkspaceId, key.Version, TimeSpan.Zero, failed, Token);
            await database.CreateCommand("UPDATE provider_keys SET claimed_until = NULL").ExecuteNonQueryAsync(Token);
            key = Assert.Single(await checks.ClaimDueAsync("worker", 1, TimeSpan.FromMinutes(1), Token));
        }

        Assert.True(await checks.RecordAsync(key, TestKeys.Verdict(found) with { Detail = found == CredentialStatus.Valid ? null : found.ToText() }, "worker", Token));
    }
}
