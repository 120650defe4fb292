using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Tests.Routing;
using Router.Tests.Support;
using Router.Worker.Revalidation;

namespace Router.Tests.Providers;

/// <summary>An administrator makes a simulated provider live, and simulated again: on every replica and worker, kept, logged, and within what configuration lets.</summary>
public sealed class LiveProvidersTests(PostgresFixture postgres)
{
    private const string Simulator = "Router:Simulator:BaseUrl=http://127.0.0.1:9";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_switch_is_in_force_on_every_replica_within_two_seconds_and_after_a_restart()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var here = await StartAsync(database);
        await using var there = await StartAsync(database, seed: false);
        using var client = here.Client();
        using var other = there.Client();
        Assert.True(await IsSimulatedAsync(client));
        var switched = await SwitchAsync(client, "openai", true);
        Assert.Equal((HttpStatusCode.OK, false), (switched.Status, switched.Body.GetProperty("simulated").GetBoolean()));
        Assert.False(await IsSimulatedAsync(client));
        await EventuallyAsync(async () => !await IsSimulatedAsync(other));

        await using var restarted = await StartAsync(database, seed: false);
        using var later = restarted.Client();
        Assert.False(await IsSimulatedAsync(later));
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync(later, "openai", false)).Status);
        Assert.True(await IsSimulatedAsync(later));
        await EventuallyAsync(async () => await IsSimulatedAsync(client) && await IsSimulatedAsync(other));
    }

    [Fact]
    public async Task A_switch_is_in_the_audit_log_of_every_workspace_and_a_workspaces_key_may_not_make_one()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StartAsync(database);
        using var client = host.Client();
        await client.PostAsync("/api/workspaces", Json("""{"id":"second"}"""), Token);
        await SwitchAsync(client, "google", true);
        await SwitchAsync(client, "google", true);
        foreach (var workspace in new[] { "default", "second" })
        {
            var entry = (await EntriesAsync(client, workspace))[0];
            Assert.Equal(
                ("admin", "provider.switch", "google-ai-studio", "done", "simulated", "live"),
                (Text(entry, "actor"), Text(entry, "action"), Text(entry, "target"), Text(entry, "outcome"), Text(entry, "from_status"), Text(entry, "to_status")));
            Assert.Equal(2, (await EntriesAsync(client, workspace)).Length);
        }

        using var manager = await host.ManagerAsync("second", Token);
        Assert.Equal(HttpStatusCode.Forbidden, (await SwitchAsync(manager, "openai", true)).Status);
        var refused = (await EntriesAsync(client, "second"))[0];
        Assert.Equal(("router_key", "provider.switch", "permission_denied"), (Text(refused, "actor"), Text(refused, "action"), Text(refused, "outcome")));
        Assert.True(await IsSimulatedAsync(client));
    }

    [Theory]
    [InlineData("OPENAI_API_KEY=sk-operators", false, "OPENAI_API_KEY")]
    [InlineData("Router:Providers:openai:BaseUrl=http://127.0.0.1:9/v1", false, "Router__Providers__openai__BaseUrl")]
    [InlineData("Router:Providers:openai:Live=true", false, "Router__Providers__openai__Live")]
    [InlineData("Router:Providers:openai:Live=false", true, "Router__Providers__openai__Live")]
    public async Task Configuration_wins_and_the_refusal_names_the_setting(string setting, bool simulated, string named)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using (var free = await StartAsync(database))
        {
            // What was switched before the setting came stays without effect.
            using var before = free.Client();
            await SwitchAsync(before, "openai", true);
        }

        await using var host = await StartAsync(database, seed: false, setting);
        using var client = host.Client();
        Assert.Equal(simulated, await IsSimulatedAsync(client));
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync(client, "openai", !simulated)).Status);
        var refused = await SwitchAsync(client, "openai", simulated);
        Assert.Equal((HttpStatusCode.Conflict, "decided_by_configuration"), (refused.Status, Text(refused.Body, "code")));
        Assert.Contains(named, Text(refused.Body, "detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("sk-operators", refused.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(simulated, await IsSimulatedAsync(client));
        var shown = await ProviderAsync(client);
        Assert.False(shown.GetProperty("switchable").GetBoolean());
        Assert.Equal(named, Text(shown, "setting")!.Replace(":", "__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_simulator_there_is_nothing_to_switch_to()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        Assert.Equal(HttpStatusCode.Conflict, (await SwitchAsync(client, "openai", false)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SwitchAsync(client, "nobody", true)).Status);
        using var nothing = await client.PutAsync("/api/providers/openai", Json("{}"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
    }

    [Fact]
    public async Task What_the_simulator_said_of_stored_keys_counts_no_more_and_they_are_checked_by_who_answers_now()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        var ring = TestKeys.Ring();
        var store = TestKeys.ProviderKeys(database, ring);
        await store.SaveAsync("one", "openai", new Secret("sim-good-of-the-simulator"), TestKeys.Verdict(next: TimeSpan.FromHours(1)), Token);
        await store.SaveAsync("one", "groq", new Secret("sim-good-of-another"), TestKeys.Verdict(next: TimeSpan.FromHours(1)), Token);
        var running = (await store.FindSealedAsync("one", "openai", Token))!;
        var checks = new KeyCheckStore(database);
        await database.CreateCommand("UPDATE provider_keys SET next_check_at = now() WHERE provider = 'openai'").ExecuteNonQueryAsync(Token);
        Assert.Single(await checks.ClaimDueAsync("slow", 10, TimeSpan.FromMinutes(1), Token));

        Assert.True(ProviderTable.TryFind("openai", out var openai));
        Assert.True(await new LiveProviderStore(database).SetAsync(openai, true, new AuditOrigin(AuditOrigin.Administrator), null, Token));
        Assert.False(await checks.RecordAsync(running, TestKeys.Verdict(), "slow", Token), "A check of the simulator's was kept.");
        var key = (await store.FindAsync("one", "openai", Token))!;
        Assert.Equal((CredentialStatus.Unknown, null), (key.Status, key.CheckedAt));
        Assert.Equal(CredentialStatus.Valid, (await store.FindAsync("one", "groq", Token))!.Status);
        var line = (await new KeyHistoryStore(database).ListAsync("one", "openai", null, 1, Token))[0];
        Assert.Equal((CredentialStatus.Valid, CredentialStatus.Unknown, "switch"), (line.FromStatus, line.ToStatus, line.Source));

        // The worker has been told nothing: it asks before it checks.
        var registry = Registry();
        var asked = new List<bool>();
        var checker = new FakeKeyChecker((provider, _) =>
        {
            Assert.True(registry.TryFind(provider.Slug, out var now));
            asked.Add(now.Simulated);
            return new(KeyCheckOutcome.Invalid, "Wrong.");
        });
        using var worker = new RevalidationService(
            checks, TestKeys.Rechecker(database, ring, checker, providers: registry), Options.Create(new RevalidationOptions()), TimeProvider.System, NullLogger<RevalidationService>.Instance,
            new LiveProviderStore(database), registry);
        Assert.Equal(1, await worker.RunOnceAsync(Token));
        Assert.False(Assert.Single(asked));
        Assert.Equal(CredentialStatus.Invalid, (await store.FindAsync("one", "openai", Token))!.Status);
    }

    [Fact]
    public void Plans_catalog_and_clients_follow_a_switch_at_once()
    {
        var registry = Registry();
        var catalog = new ModelCatalog(CatalogReader.Embedded(), registry);
        var hosted = catalog.Hosted.First(model => model.Name.StartsWith("openai/", StringComparison.Ordinal));
        using var http = new ProviderHttp();
        var clients = new ProviderClients(registry, http);
        var health = new OpenHealth();
        var knowledge = new RoutingKnowledge(catalog, registry, health, new FixedStatistics());
        var memo = new PlanMemo(health, registry);
        var workspace = Pipeline.Workspace("sim-good-own");
        var simulated = RoutePlanner.Plan(new PlanInput(hosted.Name, RouterOptions.None, workspace), knowledge);
        memo.Keep(workspace, hosted.Name, RouterOptions.None, simulated);
        Assert.Same(simulated, memo.Find(workspace, hosted.Name, RouterOptions.None));
        Assert.True(hosted.Provider.Simulated);
        var (leaf, groq) = (clients.For(hosted.Provider), clients.For(registry.All.Single(one => one.Slug == "groq")));

        registry.MakeLive(["openai", "no-such-provider"]);
        Assert.Null(memo.Find(workspace, hosted.Name, RouterOptions.None));
        Assert.False(hosted.Provider.Simulated);
        Assert.Equal("https://api.openai.com/v1", hosted.Provider.BaseUrl.AbsoluteUri);
        var live = RoutePlanner.Plan(new PlanInput(hosted.Name, RouterOptions.None, workspace), knowledge);
        // The simulator's own key for the operator is sent to nobody else.
        Assert.Equal(CredentialType.Byok, Assert.Single(live.Entries).Credential.Type);
        Assert.NotSame(leaf, clients.For(hosted.Provider));
        Assert.Same(groq, clients.For(registry.All.Single(one => one.Slug == "groq")));

        var set = registry.Current;
        registry.MakeLive(["openai"]);
        Assert.Same(set, registry.Current);
        registry.MakeLive([]);
        Assert.True(hosted.Provider.Simulated);
    }

    private static ProviderRegistry Registry() =>
        new(new ConfigurationBuilder().AddInMemoryCollection([new("Router:Simulator:BaseUrl", "http://127.0.0.1:9")]).Build(), new KeyFingerprint(TestKeys.Ring()));

    private static Task<ControlPlaneHost> StartAsync(NpgsqlDataSource database, bool seed = true, params string[] settings) =>
        ControlPlaneHost.StartAsync(database, Token, seed, [.. settings.Append(Simulator).Select(setting => $"--{setting}")]);

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SwitchAsync(HttpClient client, string provider, bool live)
    {
        using var response = await client.PutAsJsonAsync($"/api/providers/{provider}", new Dictionary<string, bool> { ["live"] = live }, Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    private static async Task<JsonElement> ProviderAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/providers", Token)).GetProperty("providers").EnumerateArray().Single(one => Text(one, "provider") == "openai");

    private static async Task<bool> IsSimulatedAsync(HttpClient client) => (await ProviderAsync(client)).GetProperty("simulated").GetBoolean();

    private static async Task<JsonElement[]> EntriesAsync(HttpClient client, string workspace) =>
        [.. (await client.GetFromJsonAsync<JsonElement>($"/api/workspaces/{workspace}/audit", Token)).GetProperty("entries").EnumerateArray()];

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2), "It was not in force within two seconds.");
            await Task.Delay(10, Token);
        }
    }
}
