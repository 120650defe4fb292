using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Providers.Gemini.Vertex;
using Router.Simulator;
using Router.Tests.Support;

namespace Router.Tests.Dialects.Gemini;

/// <summary>The leaves and the key check over real HTTP.</summary>
public sealed class GoogleAgainstSimulatorTests : IAsyncLifetime
{
    private readonly WebApplication _simulator = SimulatorApp.Build(["--urls", "http://127.0.0.1:0"]);
    private readonly ProviderHttp _http = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _simulator.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _simulator.DisposeAsync();
    }

    [Theory]
    [InlineData("google-ai-studio", false)]
    [InlineData("google-vertex", false)]
    [InlineData("google-vertex", true)]
    public async Task A_round_of_tools_with_signatures_goes_through(string slug, bool account)
    {
        Provider provider = At(slug);
        using IChatClient leaf = Dialect.Of(provider.Definition.Dialect).Leaf(provider, _http.Invoker);
        string key = account ? FakeGoogle.Account("tools-sim-good@sim.iam.gserviceaccount.com") : "sim-good-tools";
        foreach (bool stream in (bool[])[false, true])
        {
            var options = FakeGoogle.Options("gemini-3-flash", key: key);
            options.Tools = [AIFunctionFactory.CreateDeclaration("get_weather", "Weather.", System.Text.Json.JsonElement.Parse("""{"type":"object","properties":{"city":{"type":"string"}}}"""))];
            List<ChatMessage> messages = [new(ChatRole.User, "What is the weather in Paris?")];
            ChatResponse call = await AskAsync(leaf, messages, options, stream);
            FunctionCallContent made = Assert.Single(call.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
            Assert.Equal(("get_weather", ChatFinishReason.ToolCalls), (made.Name, call.FinishReason));

            messages.AddRange(call.Messages);
            messages.Add(GeminiRequestTests.Result(made.CallId, "sunny"));
            ChatResponse answer = await AskAsync(leaf, messages, options, stream);
            Assert.Contains("sunny", answer.Text, StringComparison.Ordinal);
            Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
            Assert.True(answer.Usage!.InputTokenCount > 0 && answer.Usage.OutputTokenCount > 0);
        }
    }

    [Theory]
    [InlineData("google-ai-studio", "sim-good", KeyCheckOutcome.Valid)]
    [InlineData("google-ai-studio", "sim-invalid", KeyCheckOutcome.Invalid)]
    [InlineData("google-ai-studio", "sim-expired", KeyCheckOutcome.Invalid)]
    [InlineData("google-ai-studio", "sim-revoked", KeyCheckOutcome.Invalid)]
    [InlineData("google-ai-studio", "sim-ratelimited", KeyCheckOutcome.RateLimited)]
    [InlineData("google-ai-studio", "sim-region", KeyCheckOutcome.Limited)]
    [InlineData("google-ai-studio", "sim-down", KeyCheckOutcome.Unverifiable)]
    [InlineData("google-vertex", "sim-good", KeyCheckOutcome.Valid)]
    [InlineData("google-vertex", "sim-invalid", KeyCheckOutcome.Invalid)]
    [InlineData("google-vertex", "account sim-good", KeyCheckOutcome.Valid)]
    [InlineData("google-vertex", "account sim-invalid", KeyCheckOutcome.Invalid)]
    [InlineData("google-vertex", "account sim-ratelimited", KeyCheckOutcome.RateLimited)]
    [InlineData("google-vertex", "account sim-down", KeyCheckOutcome.Unverifiable)]
    [InlineData("google-vertex", "{}", KeyCheckOutcome.Invalid)]
    public async Task A_key_is_proved_by_a_live_call(string slug, string key, KeyCheckOutcome expected)
    {
        string text = key.StartsWith("account ", StringComparison.Ordinal) ? $$"""{"service_account":{{FakeGoogle.Account($"{key[8..]}@sim.iam.gserviceaccount.com")}}}""" : key;
        var registry = new ProviderRegistry(new ConfigurationBuilder().AddInMemoryCollection([new("Router:Simulator:BaseUrl", _simulator.Urls.First())]).Build(), new KeyFingerprint(TestKeys.Ring()));
        registry.TryFind(slug, out Provider? provider);
        KeyCheckResult result = await new KeyChecker(registry, _http, TimeProvider.System).CheckAsync(provider!.Definition, new Secret(text), Cancel);
        Assert.Equal(expected, result.Outcome);
        Assert.DoesNotContain("PRIVATE", result.Message, StringComparison.Ordinal);
    }

    private static async Task<ChatResponse> AskAsync(IChatClient leaf, List<ChatMessage> messages, ChatOptions options, bool stream)
    {
        if (!stream)
        {
            return await leaf.GetResponseAsync(messages, options, Cancel);
        }

        ChatResponse response = await leaf.GetStreamingResponseAsync(messages, options, Cancel).ToChatResponseAsync(Cancel);
        foreach (FunctionCallContent call in response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>())
        {
            call.Arguments = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, object?>>((string)call.AdditionalProperties!["arguments"]!);
        }

        return response;
    }

    private Provider At(string slug)
    {
        ProviderTable.TryFind(slug, out ProviderDefinition? definition);
        return new Provider(definition!, new Uri($"{_simulator.Urls.First()}/{slug}{definition!.BaseUrl.AbsolutePath}"), Simulated: true, null);
    }
}
