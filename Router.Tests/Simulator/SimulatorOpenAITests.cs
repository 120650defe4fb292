using System.Text.Json.Nodes;

namespace Router.Tests.Simulator;

public sealed class SimulatorOpenAITests(SimulatorHost simulator) : IClassFixture<SimulatorHost>
{
    private const string Tools = """[{"type":"function","function":{"name":"one","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},{"type":"function","function":{"name":"two"}}]""";

    [Fact]
    public async Task An_answer_echoes_the_user_and_carries_a_field_nobody_knows()
    {
        var text = await simulator.TextAsync(Ask("gpt-4o", "Grüße 😀"));

        Assert.Contains("Grüße 😀", text, StringComparison.Ordinal);
        Assert.Contains("\"x_simulator\":{\"n\":1.0,", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parallel_tool_calls_arrive_as_deltas_that_join_into_arguments()
    {
        var deltas = (await ChunksAsync(Ask("gpt-4o", "use tools in parallel", $",\"stream\":true,\"tools\":{Tools}")))
            .SelectMany(c => c["choices"]!.AsArray()).SelectMany(c => c!["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();

        Assert.Equal(["one", "two"], deltas.Select(d => (string?)d!["function"]!["name"]).Where(n => n is not null));
        Assert.Equal("""{"city":"sample"}""", string.Concat(deltas.Where(d => (int)d!["index"]! == 0).Select(d => (string)d!["function"]!["arguments"]!)));
    }

    [Fact]
    public async Task Tool_results_are_quoted_in_the_next_answer()
    {
        var (_, body) = await simulator.JsonAsync(SimulatorHost.Post("/openai/v1/chat/completions", "sim-good", $$$"""
            {"model":"gpt-4o","tools":{{{Tools}}},"messages":[{"role":"user","content":"use a tool"},
             {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"one","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"c1","content":"22 degrees"}]}
            """));

        Assert.Contains("22 degrees", (string)body["choices"]![0]!["message"]!["content"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(",\"stream_options\":{\"include_usage\":true}", 1)]
    public async Task The_usage_chunk_comes_only_when_asked_for(string options, int expected)
    {
        var chunks = await ChunksAsync(Ask("gpt-4o", "Hi", $",\"stream\":true{options}"));

        Assert.Equal(expected, chunks.Count(c => c["choices"]!.AsArray().Count == 0 && c["usage"] is not null));
    }

    [Theory]
    [InlineData(",\"max_tokens\":2", "length", "Hello! T")]
    [InlineData(",\"stop\":\" is\"", "stop", "Hello! This")]
    public async Task Limits_and_stop_words_end_the_answer(string members, string reason, string content)
    {
        var choice = (await simulator.JsonAsync(Ask("gpt-4o", "Hi", members))).Body["choices"]![0]!;

        Assert.Equal(reason, (string?)choice["finish_reason"]);
        Assert.Equal(content, (string?)choice["message"]!["content"]);
    }

    [Fact]
    public async Task A_json_schema_gets_an_instance_of_it()
    {
        var (_, body) = await simulator.JsonAsync(Ask("gpt-4o", "Hi",
            ""","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"kind":{"enum":["x","y"]},"n":{"type":"integer"}},"required":["kind","n"]}}}"""));

        Assert.Equal("""{"kind":"x","n":1}""", (string?)body["choices"]![0]!["message"]!["content"]);
    }

    [Theory]
    [InlineData("mistral", "m", ",\"stream_options\":{}", 422)]
    [InlineData("groq", "m", ",\"n\":2", 400)]
    [InlineData("fireworks", "m", ",\"max_tokens\":1,\"max_completion_tokens\":1", 400)]
    [InlineData("openai", "gpt-5", ",\"max_tokens\":1", 400)]
    [InlineData("xai", "grok-4", ",\"stop\":\"x\"", 400)]
    [InlineData("xai", "grok-4", ",\"search_parameters\":{}", 410)]
    [InlineData("cerebras", "gpt-oss-120b", ",\"reasoning_effort\":\"none\"", 400)]
    public async Task A_vendor_refuses_what_it_does_not_take(string provider, string model, string members, int status)
    {
        Assert.Equal(status, (await simulator.JsonAsync(Ask(model, "Hi", members, provider))).Status);
    }

    [Theory]
    [InlineData("groq", "\"reasoning\":")]
    [InlineData("deepinfra", "\"reasoning_content\":")]
    [InlineData("mistral", "{\"type\":\"thinking\",\"thinking\":[")]
    public async Task Reasoning_comes_in_the_vendors_own_place(string provider, string expected)
    {
        Assert.Contains(expected, await simulator.TextAsync(Ask("m", "Hi", ",\"reasoning_effort\":\"high\"", provider)), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Ask(string model, string text, string members = "", string provider = "openai") => SimulatorHost.Post(
        $"/{provider}/v1/chat/completions", "sim-good", $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{text}}"}]{{members}}}""");

    private async Task<List<JsonNode>> ChunksAsync(HttpRequestMessage request) =>
        [.. (await simulator.TextAsync(request)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line["data: ".Length..]).Where(data => data != "[DONE]").Select(data => JsonNode.Parse(data)!)];
}
