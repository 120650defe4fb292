using System.Text.Json.Nodes;

namespace Router.Tests.Simulator;

public sealed class SimulatorAnthropicTests(SimulatorHost simulator) : IClassFixture<SimulatorHost>
{
    private const string Thinking = ""","max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":1024},"tools":[{"name":"weather","input_schema":{"type":"object"}}]""";

    [Fact]
    public async Task A_stream_has_the_vendors_events_in_their_order()
    {
        var text = await simulator.TextAsync(Ask("sim-good", ""","max_tokens":100,"stream":true,"simulate":{"chunks":1}"""));

        Assert.Equal(
            ["message_start", "ping", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"],
            text.Split('\n').Where(l => l.StartsWith("event: ", StringComparison.Ordinal)).Select(l => l[7..]));
    }

    [Fact]
    public async Task A_request_without_max_tokens_or_version_is_refused()
    {
        Assert.Equal(400, (await simulator.JsonAsync(Ask("sim-good", ""))).Status);
        using var noVersion = Ask("sim-good", ",\"max_tokens\":10");
        noVersion.Headers.Remove("anthropic-version");
        Assert.Equal(400, (await simulator.JsonAsync(noVersion)).Status);
    }

    [Fact]
    public async Task A_thinking_block_is_accepted_only_from_the_key_it_was_issued_to()
    {
        var (_, answer) = await simulator.JsonAsync(Ask("sim-good-one", Thinking));
        var content = answer["content"]!.AsArray();
        var history = $$"""
            ,{"role":"assistant","content":{{content.ToJsonString()}}},{"role":"user","content":[{"type":"tool_result","tool_use_id":"{{content[^1]!["id"]}}","content":"sunny"}]}
            """;

        var (same, body) = await simulator.JsonAsync(Ask("sim-good-one", Thinking, history));
        var (other, error) = await simulator.JsonAsync(Ask("sim-good-two", Thinking, history));

        Assert.Equal(200, same);
        Assert.Contains("sunny", body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(400, other);
        Assert.Contains("signature", (string)error["error"]!["message"]!, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Ask(string key, string members, string history = "") => new(HttpMethod.Post, "/anthropic/v1/messages")
    {
        Headers = { { "x-api-key", key }, { "anthropic-version", "2023-06-01" } },
        Content = new StringContent($$"""{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"the weather?"}{{history}}]{{members}}}"""),
    };
}
