using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Router.Tests.Simulator;

public sealed class SimulatorKeyTests(SimulatorHost simulator) : IClassFixture<SimulatorHost>
{
    [Theory]
    [InlineData("openai", "sim-invalid-1", 401, "invalid_api_key")]
    [InlineData("openai", "a-strangers-real-key", 401, "invalid_api_key")]
    [InlineData("openai", "sim-nocredit-1", 429, "insufficient_quota")]
    [InlineData("openai", "sk-sim-ratelimited-1", 429, "rate_limit_exceeded")]
    [InlineData("openai", "sim-noaccess-gpt-4o", 404, "model_not_found")]
    [InlineData("openai", "sim-region-1", 403, "unsupported_country_region_territory")]
    [InlineData("openai", "sim-down-1", 503, "server_is_overloaded")]
    [InlineData("anthropic", "sim-invalid-1", 401, "authentication_error")]
    [InlineData("anthropic", "sim-nocredit-1", 400, "credit balance")]
    [InlineData("google-ai-studio", "sim-invalid-1", 400, "API_KEY_INVALID")]
    [InlineData("mistral", "sim-invalid-1", 401, "{\"detail\":\"Unauthorized\"}")]
    [InlineData("groq", "sim-nocredit-1", 400, "blocked_api_access")]
    [InlineData("cerebras", "sim-invalid-1", 401, "wrong_api_key")]
    [InlineData("fireworks", "sim-nocredit-1", 412, "suspended")]
    [InlineData("deepinfra", "sim-nocredit-1", 402, "Insufficient balance")]
    [InlineData("xai", "sim-invalid-1", 400, "Incorrect API key provided")]
    [InlineData("an-unknown-slug", "sim-invalid-1", 401, "invalid_api_key")]
    public async Task A_keys_word_decides_the_vendors_error(string provider, string key, int status, string text)
    {
        var (actual, body) = await simulator.JsonAsync(SimulatorHost.Chat(key, "", provider));

        Assert.Equal(status, actual);
        Assert.Contains(text, body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rate_limit_says_how_long_to_wait()
    {
        using var response = await simulator.Client.SendAsync(SimulatorHost.Chat("sim-ratelimited-30", ""), TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromSeconds(30), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_key_without_credit_still_lists_models_and_a_restricted_one_only_chats()
    {
        Assert.Equal(200, await ListAsync("sim-nocredit"));
        Assert.Equal(403, await ListAsync("sim-restricted"));
        Assert.Equal(200, (await simulator.JsonAsync(SimulatorHost.Chat("sim-restricted", ""))).Status);
    }

    [Fact]
    public async Task A_good_key_can_turn_bad_by_script_and_recover()
    {
        const string Key = "sim-good-turning";
        await PutScriptAsync(Key, """{"as":"invalid"}""");
        Assert.Equal(401, (await simulator.JsonAsync(SimulatorHost.Chat(Key, ""))).Status);

        await simulator.Client.DeleteAsync($"/_simulator/keys/{Key}", TestContext.Current.CancellationToken);
        Assert.Equal(200, (await simulator.JsonAsync(SimulatorHost.Chat(Key, ""))).Status);
    }

    [Fact]
    public async Task A_list_of_scripts_is_consumed_one_per_request()
    {
        const string Key = "sim-good-listed";
        await PutScriptAsync(Key, """{"script":[{"status":500},{"as":"nocredit"}]}""");

        List<int> statuses = [];
        for (var i = 0; i < 3; i++)
            statuses.Add((await simulator.JsonAsync(SimulatorHost.Chat(Key, ""))).Status);

        Assert.Equal([500, 429, 200], statuses);
    }

    [Fact]
    public async Task A_script_with_an_unknown_field_is_refused()
    {
        using var response = await simulator.Client.PutAsJsonAsync(
            "/_simulator/keys/sim-good-x", new JsonObject { ["sttatus"] = 500 }, TestContext.Current.CancellationToken);

        Assert.Equal(400, (int)response.StatusCode);
    }

    private async Task<int> ListAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openai/v1/models") { Headers = { { "Authorization", $"Bearer {key}" } } };
        return (await simulator.JsonAsync(request)).Status;
    }

    private async Task PutScriptAsync(string key, string script)
    {
        using var content = new StringContent(script);
        using var response = await simulator.Client.PutAsync($"/_simulator/keys/{key}", content, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
