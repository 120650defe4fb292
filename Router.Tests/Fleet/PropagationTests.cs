using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Router.Tests.EndToEnd;

namespace Router.Tests.Fleet;

/// <summary>What is written through one replica is in force on the other within two seconds, whoever carries the news.</summary>
[Collection(FleetCollection.Name)]
public sealed class PropagationTests(Fleet fleet)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_change_through_one_replica_is_in_force_on_the_other() => ChangeAsync();

    [Fact]
    public async Task So_it_is_without_the_cache()
    {
        await fleet.Running.StopAsync("cache");
        try
        {
            await ChangeAsync();
        }
        finally
        {
            await fleet.Running.StartAsync("cache");
        }
    }

    private async Task ChangeAsync()
    {
        (HttpClient writer, HttpClient reader) = (fleet.Replicas[0], fleet.Replicas[1]);
        string id = $"f{Guid.NewGuid():N}";
        await AdminAsync(writer, HttpMethod.Post, "/api/workspaces", new JsonObject { ["id"] = id });
        string token = (await AdminAsync(writer, HttpMethod.Post, $"/api/workspaces/{id}/api-keys", new JsonObject { ["name"] = "fleet" }))["api_key"]!.GetValue<string>();
        await InForceAsync("the router key", async () => (await ChatAsync(reader, token)).Status == 200);
        Assert.Equal("system", (await ChatAsync(reader, token)).Credential);

        string provider = $"/api/workspaces/{id}/provider-keys/openai";
        foreach (string key in (string[])[$"sim-good-one-{id}", $"sim-good-two-{id}"])
        {
            await AdminAsync(writer, HttpMethod.Put, provider, new JsonObject { ["api_key"] = key });
            await InForceAsync("the saved key", async () => await ChatAsync(reader, token) is { Credential: "byok" } && await HasServedAsync(key));
        }

        await AdminAsync(writer, HttpMethod.Delete, provider);
        await InForceAsync("the deletion", async () => (await ChatAsync(reader, token)).Credential == "system");

        await AdminAsync(writer, HttpMethod.Post, $"/router/v1/routers?workspace={id}", SavedRouter("openai/gpt-4o"));
        await InForceAsync("the saved router", async () => (await ChatAsync(reader, token, "inworld/fleet")).Status == 200);
        await AdminAsync(writer, HttpMethod.Patch, $"/router/v1/routers/fleet?workspace={id}", SavedRouter("openai"));
        await InForceAsync("its change", async () => (await ChatAsync(reader, token, "inworld/fleet")).Status == 400);
        await AdminAsync(writer, HttpMethod.Delete, $"/router/v1/routers/fleet?workspace={id}");
        await InForceAsync("its end", async () => (await ChatAsync(reader, token, "inworld/fleet")).Status == 404);

        await AdminAsync(writer, HttpMethod.Put, $"/api/workspaces/{id}/policy", new JsonObject { ["byok_only"] = true });
        await InForceAsync("the policy", async () => (await ChatAsync(reader, token)).Status == 424);

        await AdminAsync(writer, HttpMethod.Delete, $"/api/workspaces/{id}");
        await InForceAsync("the workspace's end", async () => (await ChatAsync(reader, token)).Status == 401);
    }

    private static async Task InForceAsync(string what, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < Bound, $"After {Bound} {what} is not in force on the other replica.");
            await Task.Delay(20, Cancel);
        }
    }

    private async Task<bool> HasServedAsync(string key) =>
        (await fleet.JournalAsync(key)).Any(entry => ((string)entry!["path"]!).EndsWith("/chat/completions", StringComparison.Ordinal));

    private static JsonNode SavedRouter(string model) => JsonNode.Parse(
        $$$"""{"name":"fleet","defaultRoute":{"route_id":"d","variants":[{"variant":{"variant_id":"v","model_id":"{{{model}}}"},"weight":100}]}}""")!;

    private async Task<(int Status, string? Credential)> ChatAsync(HttpClient replica, string token, string model = "openai/gpt-4o")
    {
        using HttpRequestMessage request = fleet.Chat($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]}""", "Bearer", token);
        using HttpResponseMessage response = await replica.SendAsync(request, Cancel);
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        return ((int)response.StatusCode, (string?)body["metadata"]?["attempts"]?.AsArray().LastOrDefault()?["credential_type"]);
    }

    private async Task<JsonNode> AdminAsync(HttpClient replica, HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fleet.AdminKey);
        using HttpResponseMessage response = await replica.SendAsync(request, Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
