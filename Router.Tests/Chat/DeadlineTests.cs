using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>A request ends at its own deadline, whatever its providers do and however many are left.</summary>
public sealed class DeadlineTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    /// <summary>What a busy machine may add to the deadline of one second.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(6);

    private static readonly string[] Models = ["openai/gpt-4o", "anthropic/claude-haiku-5-5", "google-ai-studio/gemini-2.5-flash"];

    /// <summary>Ways to take for ever, and whether a stream has begun by then.</summary>
    private static readonly (string Script, bool Begins)[] Silences =
    [
        ("""{"neverAnswer":true}""", false),
        ("""{"delayBeforeFirstTokenMs":60000}""", false),
        ("""{"stallAfterChunks":0}""", false),
        ("""{"stallAfterChunks":2}""", true),
        ("""{"chunks":5000,"delayBetweenChunksMs":100}""", true),
    ];

    [Theory]
    [InlineData(Mode.Json)]
    [InlineData(Mode.Stream)]
    [InlineData(Mode.Complete)]
    public async Task No_request_outlives_its_deadline(Mode mode)
    {
        await using ApiHost api = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString());
        await Task.WhenAll(
            from model in Models
            from silence in Silences
                // A long answer as JSON comes at once.
            where mode != Mode.Json || !silence.Script.Contains("5000", StringComparison.Ordinal)
            select AssertAsync(api, model, silence.Script, mode, silence.Begins && mode == Mode.Stream));
    }

    private static async Task AssertAsync(ApiHost api, string model, string script, Mode mode, bool begins)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["models"] = new JsonArray("openai/gpt-4o-mini", "groq/b"),
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hi" }),
            ["stream"] = mode != Mode.Json,
            ["simulate"] = JsonNode.Parse(script),
            ["fallback"] = new JsonObject { ["deadline"] = "1s", ["commit"] = mode == Mode.Complete ? "complete" : "first_content" },
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        long started = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await api.Client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);
        FaultAnswer answer = FaultAnswer.Read(
            new FaultOutcome((int)response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), TimeSpan.Zero, []), mode != Mode.Json);
        Assert.True(Stopwatch.GetElapsedTime(started) < Latest);
        Assert.Equal((begins ? 200 : 408, begins ? "all_attempts_timed_out" : "deadline_exceeded"), ((int)response.StatusCode, (string?)answer.Error!["code"]));
        Assert.Single(answer.Metadata!["attempts"]!.AsArray());
        Assert.False(answer.Done);
    }
}
