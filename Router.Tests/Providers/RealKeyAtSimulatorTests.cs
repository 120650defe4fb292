using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;

namespace Router.Tests.Providers;

/// <summary>A real key where the simulator answers: nobody asked the provider, so nothing is said of the key, and the simulator never sees it.</summary>
public sealed class RealKeyAtSimulatorTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Real = "sk-proj-Zz9x8w7v6u5tRealKey";

    private const string Brought = $$""","provider_credentials":{"openai":{"api_key":"{{Real}}"} }""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("openai", Real)]
    [InlineData("anthropic", "sk-ant-api03-Zz9x8w7v6u5t")]
    [InlineData("google-ai-studio", "AQ.Zz9x8w7v6u5t")]
    [InlineData("google-vertex", null)]
    public async Task A_check_judges_nothing_and_says_that_the_provider_is_simulated(string slug, string? key)
    {
        var provider = pipeline.Providers.All.Single(one => one.Slug == slug).Definition;
        var found = await pipeline.Services.GetRequiredService<IKeyChecker>().CheckAsync(provider, new Secret(key ?? FakeGoogle.Account()), Token);
        Assert.Equal(KeyCheckOutcome.Unverifiable, found.Outcome);
        Assert.Contains($"{provider.DisplayName} is simulated here", found.Message, StringComparison.Ordinal);
        Assert.Null(found.UpstreamStatus);
        Assert.Empty(await pipeline.JournalAsync(key ?? "anything"));
    }

    [Theory]
    [InlineData("sim-good-mine", KeyCheckOutcome.Valid)]
    [InlineData("sim-invalid", KeyCheckOutcome.Invalid)]
    [InlineData("sk-sim-good-looks-real", KeyCheckOutcome.Valid)]
    public async Task The_simulators_own_keys_are_its_to_judge(string key, KeyCheckOutcome outcome)
    {
        var provider = pipeline.Providers.All.Single(one => one.Slug == "openai").Definition;
        Assert.Equal(outcome, (await pipeline.Services.GetRequiredService<IKeyChecker>().CheckAsync(provider, new Secret(key), Token)).Outcome);
    }

    [Theory]
    [InlineData("https://api.example", "sk-real", true)]
    [InlineData(null, "sk-real", false)]
    [InlineData(null, "sim-good", true)]
    [InlineData(null, """{"client_email":"sim-good@x.iam","private_key":"p"}""", true)]
    [InlineData(null, """{"client_email":"real@x.iam","private_key":"a-sim-good"}""", false)]
    [InlineData(null, """{"service_account":"{\"client_email\":\"sim-good@x.iam\"}","project_id":"p"}""", true)]
    public void Whose_a_key_is_shows_in_its_text_or_in_its_accounts_name(string? address, string key, bool mayJudge)
    {
        var provider = pipeline.Providers.All[0];
        provider = address is null ? provider : provider with { Simulated = false, BaseUrl = new(address) };
        Assert.Equal(mayJudge, SimulatorKeys.MayJudge(provider, new Secret(key)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_with_one_is_served_by_what_may_follow_it_and_blames_nobody(bool saved)
    {
        var health = new OpenHealth();
        await using var host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), null, health, Pipeline.Workspace(saved ? Real : null), null);
        using var answer = await AskAsync(host, saved, "");
        var metadata = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("metadata");
        Assert.Contains("tried first with the system key, as the provider is simulated", metadata.GetProperty("reasoning").GetString(), StringComparison.Ordinal);
        var attempts = metadata.GetProperty("attempts");
        Assert.Equal((HttpStatusCode.OK, 2), (answer.StatusCode, attempts.GetArrayLength()));
        Assert.True(attempts[0].GetProperty("skipped").GetBoolean());
        Assert.Contains("OpenAI is simulated here", attempts[0].GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("refused", attempts[0].GetRawText(), StringComparison.Ordinal);
        Assert.True(attempts[1].GetProperty("success").GetBoolean());
        Assert.Empty(await pipeline.JournalAsync(Real));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_nothing_else_may_serve_says_why_and_how_to_go_live(bool saved)
    {
        await using var host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), null, null, Pipeline.Workspace(saved ? Real : null), null);
        using var answer = await AskAsync(host, saved, "\"byok_only\":true,");
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal(424, (int)answer.StatusCode);
        Assert.Contains("OpenAI is simulated here", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("PUT /api/providers/openai", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("refused", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Zz9x", error.GetRawText(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> AskAsync(ApiHost host, bool saved, string more) => host.Client.PostAsync(
        "/v1/chat/completions",
        new StringContent(
            $$"""{"model":"openai/gpt-4o",{{more}}"messages":[{"role":"user","content":"Hi"}]{{(saved ? "" : Brought)}} }""",
            Encoding.UTF8,
            "application/json"),
        Token);
}
