using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Who reads that a provider is simulated was served by the simulator, or refused by it; what was only planned for is not said.</summary>
public sealed class SimulationWarningTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Auto_warns_of_the_providers_that_were_tried_and_of_no_other(bool stream)
    {
        var request = await AskAsync($$"""{"model":"auto","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""", stream);
        Assert.True(request.Plan!.Entries.Select(entry => entry.Provider.Slug).Distinct().Count() > 1, "The plan has one provider only.");
        var tried = Assert.Single(request.Attempts).Entry.Provider.Definition.DisplayName;
        Assert.StartsWith($"{tried} is simulated", Assert.Single(request.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_provider_that_was_tried_is_named_once()
    {
        var request = await AskAsync(
            """
            {"model":"openai/gpt-4o","models":["groq/openai/gpt-oss-120b","mistral/mistral-large-latest"],"messages":[{"role":"user","content":"Hi"}],
             "provider_credentials":{"openai":{"api_key":"sim-invalid","fallback_to_system":false}}}
            """,
            stream: false);
        Assert.Equal(["OpenAI", "Groq"], request.Attempts.Where(attempt => !attempt.Skipped).Select(attempt => attempt.Entry.Provider.Definition.DisplayName));
        Assert.Equal(["OpenAI", "Groq"], request.Warnings.Select(warning => warning.Split(' ')[0]));
    }

    private async Task<Router.Core.Chat.RouteRequest> AskAsync(string body, bool stream)
    {
        ChatRequest request = pipeline.Request(body);
        if (stream)
        {
            await foreach (var _ in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Token))
            {
            }
        }
        else
        {
            await pipeline.Router.GetResponseAsync(request.Messages, request.Options, Token);
        }

        return request.Options.Request;
    }
}
