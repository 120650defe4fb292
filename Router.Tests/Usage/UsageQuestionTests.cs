using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>What the control plane tells of receipts, and to whom.</summary>
public sealed class UsageQuestionTests(PostgresFixture postgres)
{
    private const string Acme = "/api/workspaces/acme";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Receipts_of_a_deleted_workspace_are_the_administrators_and_not_its_next_holders()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var admin = host.Client();
        await CreateAsync(admin);
        await new UsageStore(database).WriteAsync(new UsageBatch().AddAll([Receipt("secret-project-model")]), Token);
        await admin.DeleteAsync(Acme, Token);
        using var tenant = host.Client(await CreateAsync(admin));
        await new UsageStore(database).WriteAsync(new UsageBatch().AddAll([Receipt("own-model")]), Token);

        Assert.Equal(["own-model"], await ModelsAsync(tenant));
        Assert.Equal(1, await CountAsync(tenant));
        Assert.Equal(["own-model", "secret-project-model"], await ModelsAsync(admin));
        Assert.Equal(2, await CountAsync(admin));
    }

    [Fact]
    public async Task Receipts_that_add_up_to_more_than_a_number_holds_are_summed_as_far_as_it_goes()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var admin = host.Client();
        await CreateAsync(admin);
        await new UsageStore(database).WriteAsync(new UsageBatch().AddAll([Receipt("m", long.MaxValue), Receipt("m", long.MaxValue)]), Token);
        var row = (await admin.GetFromJsonAsync<JsonElement>($"{Acme}/usage", Token)).GetProperty("rows")[0];
        Assert.Equal((2, long.MaxValue), (row.GetProperty("attempts").GetInt64(), row.GetProperty("input_tokens").GetInt64()));
    }

    [Fact]
    public async Task Sums_begin_thirty_days_ago_unless_asked_for_more()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var admin = host.Client();
        await CreateAsync(admin);
        var now = DateTimeOffset.UtcNow;
        await new UsageStore(database).WriteAsync(new UsageBatch().AddAll([Receipt("m"), Receipt("m") with { At = now.AddDays(-29) }, Receipt("m") with { At = now.AddDays(-40) }]), Token);
        Assert.Equal(2, await CountAsync(admin));
        Assert.Equal(3, await CountAsync(admin, $"?from={now.AddDays(-60):yyyy-MM-dd}"));
        Assert.Equal(1, await CountAsync(admin, $"?to={now.AddDays(-35):yyyy-MM-dd}"));
        Assert.Equal(0, await CountAsync(admin, "?to=0001-01-02T00:00:00Z"));
        var from = (await admin.GetFromJsonAsync<JsonElement>($"{Acme}/usage", Token)).GetProperty("from").GetDateTimeOffset();
        Assert.InRange(now.AddDays(-30) - from, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
    }

    private static async Task<string> CreateAsync(HttpClient admin)
    {
        await admin.PostAsync("/api/workspaces", Json("""{"id":"acme"}"""), Token);
        using var made = await admin.PostAsync($"{Acme}/api-keys", Json("""{"name":"m","permissions":["manage"]}"""), Token);
        return (await made.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("api_key").GetString()!;
    }

    private static async Task<IEnumerable<string?>> ModelsAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>($"{Acme}/attempts", Token)).GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("model").GetString());

    private static async Task<long> CountAsync(HttpClient client, string query = "") =>
        (await client.GetFromJsonAsync<JsonElement>($"{Acme}/usage{query}", Token)).GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("attempts").GetInt64());

    private static UsageRecord Receipt(string model, long? input = 1) => new(
        Guid.CreateVersion7(), DateTimeOffset.UtcNow, "acme", "key", Guid.CreateVersion7(), 1, null, "openai", model, null, "byok", "saved", "print", false, "success", null, 1, null, input, 0, 1, 0, false, 1, 1);

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
