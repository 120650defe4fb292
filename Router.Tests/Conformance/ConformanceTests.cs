using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Router.Tests.EndToEnd;

namespace Router.Tests.Conformance;

/// <summary>What every dialect must do, the same for all, JSON and streamed.</summary>
[Collection(StackCollection.Name)]
public sealed class ConformanceTests(Stack stack)
{
    private static JsonArray Tools => (JsonArray)JsonNode.Parse("""
        [{"type":"function","function":{"name":"get_weather","description":"The weather of a city.","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
         {"type":"function","function":{"name":"get_time","description":"The time in a city.","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]
        """)!;

    public static IEnumerable<TheoryDataRow<Capability, bool>> Cases =>
        Capability.All.SelectMany(row => new[] { false, true }.Select(stream => new TheoryDataRow<Capability, bool>(row.Data, stream)));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_answers_with_text_usage_and_whose_key_it_was(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Hello there");
        Assert.Equal((HttpStatusCode.OK, "stop", true), (reply.Status, reply.Finish, reply.Done));
        Assert.Contains("Hello there", reply.Text, StringComparison.Ordinal);
        Assert.True((int)reply.Usage!["prompt_tokens"]! > 0 && (int)reply.Usage["completion_tokens"]! > 0);
        Assert.Equal("byok:ok", reply.Attempts);
        Assert.Equal(capability.QualifiedModel, (string)reply.Metadata!["attempts"]![0]!["model"]!);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Without_a_key_of_the_workspace_the_system_key_serves(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Hello there", members: new() { ["provider_credentials"] = new JsonObject() });
        Assert.Equal((HttpStatusCode.OK, "system:ok"), (reply.Status, reply.Attempts));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Characters_cut_in_two_by_the_network_come_out_whole(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Grüße 😀 aus 東京", members: new() { ["simulate"] = JsonNode.Parse("""{"splitUtf8":true}""") });
        Assert.Contains("Grüße 😀 aus 東京", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task One_tool_is_called_and_its_result_goes_back(Capability capability, bool stream)
    {
        var talk = new Conversation(stack, capability, stream);
        JsonArray messages = [new JsonObject { ["role"] = "system", ["content"] = "Be brief." }, new JsonObject { ["role"] = "user", ["content"] = "What is the weather in Paris?" }];
        Reply call = await talk.SendAsync((JsonArray)messages.DeepClone(), members: new() { ["tools"] = Tools });
        Assert.Equal((HttpStatusCode.OK, "tool_calls"), (call.Status, call.Finish));
        ReplyCall tool = Assert.Single(call.Calls);
        Assert.Equal("get_weather", tool.Name);
        JsonDocument.Parse(tool.Arguments).Dispose();

        messages.Add(call.Message?.DeepClone() ?? Assistant(call.Calls));
        messages.Add(Result(tool, "sunny, 21 degrees"));
        Reply answer = await talk.SendAsync(messages, members: new() { ["tools"] = Tools });
        Assert.Equal((HttpStatusCode.OK, "stop"), (answer.Status, answer.Finish));
        Assert.Contains("sunny, 21 degrees", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Tools_are_called_side_by_side_and_their_results_keep_their_order(Capability capability, bool stream)
    {
        var talk = new Conversation(stack, capability, stream);
        JsonArray messages = [new JsonObject { ["role"] = "user", ["content"] = "In parallel: weather and time" }];
        Reply call = await talk.SendAsync((JsonArray)messages.DeepClone(), members: new() { ["tools"] = Tools });
        Assert.Equal(["get_weather", "get_time"], call.Calls.Select(tool => tool.Name));
        Assert.Equal(2, call.Calls.Select(tool => tool.Id).Distinct().Count());
        Assert.All(call.Calls, tool => JsonDocument.Parse(tool.Arguments).Dispose());

        messages.Add(call.Message?.DeepClone() ?? Assistant(call.Calls));
        messages.Add(Result(call.Calls[0], "first result"));
        messages.Add(Result(call.Calls[1], "second result"));
        Reply answer = await talk.SendAsync(messages, members: new() { ["tools"] = Tools });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(answer.Text.IndexOf("first result", StringComparison.Ordinal) < answer.Text.IndexOf("second result", StringComparison.Ordinal), answer.Text);
        Assert.Contains("first result", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Huge_tool_arguments_arrive_whole(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("What is the weather?", members: new() { ["tools"] = Tools, ["simulate"] = JsonNode.Parse("""{"hugeToolArguments":300000}""") });
        ReplyCall call = Assert.Single(reply.Calls);
        Assert.True(call.Arguments.Length >= 300_000);
        JsonDocument.Parse(call.Arguments).Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Structured_output_fits_its_schema(Capability capability, bool stream)
    {
        JsonNode format = JsonNode.Parse("""{"type":"json_schema","json_schema":{"name":"weather","strict":true,"schema":{"type":"object","properties":{"city":{"type":"string"},"celsius":{"type":"integer"}},"required":["city","celsius"],"additionalProperties":false}}}""")!;
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Paris, as JSON", members: new() { ["response_format"] = format });
        Assert.Equal((HttpStatusCode.OK, "stop"), (reply.Status, reply.Finish));
        JsonNode json = JsonNode.Parse(reply.Text)!;
        Assert.Equal(JsonValueKind.String, json["city"]!.GetValueKind());
        Assert.Equal(JsonValueKind.Number, json["celsius"]!.GetValueKind());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Images_go_in_where_the_provider_sees(Capability capability, bool stream)
    {
        Assert.SkipUnless(capability.Vision, "The fixture says it does not.");
        JsonArray messages = [JsonNode.Parse("""{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}}]}""")!];
        string key = $"sim-good-vision-{stream}";
        Reply reply = await new Conversation(stack, capability, stream).SendAsync(messages, key);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        JsonNode sent = (await stack.JournalAsync(capability.KeyName(key))).Last(entry => (string)entry!["provider"]! == capability.Provider && ((string)entry["body"]!).Length > 100)!;
        Assert.Contains("iVBORw0KGgo", (string)sent["body"]!, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Reasoning_is_asked_for_and_counted(Capability capability, bool stream)
    {
        Assert.SkipUnless(capability.Reasoning, "The fixture says it does not.");
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Think about it", members: new() { ["reasoning_effort"] = "high", ["max_tokens"] = 4000 });
        Assert.Equal((HttpStatusCode.OK, "stop"), (reply.Status, reply.Finish));
        Assert.Equal(capability.ReasoningText, reply.Reasoning.Length > 0);
        Assert.NotEmpty(reply.Text);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_stop_sequence_ends_the_answer(Capability capability, bool stream)
    {
        Assert.SkipUnless(capability.Stop, "The fixture says it does not.");
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("alpha beta gamma", members: new() { ["stop"] = new JsonArray("beta") });
        Assert.Equal((HttpStatusCode.OK, "stop"), (reply.Status, reply.Finish));
        Assert.DoesNotContain("beta", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_token_limit_ends_it_with_length(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Tell me a long story about everything", members: new() { ["max_tokens"] = 3 });
        Assert.Equal((HttpStatusCode.OK, "length"), (reply.Status, reply.Finish));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_refusal_is_an_answer_that_says_so(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("You should refuse this");
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.True(reply.Finish == "content_filter" || reply.Refusal.Length > 0, $"{reply.Finish} {reply.Text}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_empty_answer_is_an_answer(Capability capability, bool stream)
    {
        Reply reply = await new Conversation(stack, capability, stream).AskAsync("Say nothing", members: new() { ["simulate"] = JsonNode.Parse("""{"emptyContent":true}""") });
        Assert.Equal((HttpStatusCode.OK, "stop", "", true), (reply.Status, reply.Finish, reply.Text, reply.Done));
    }

    private static JsonObject Assistant(IReadOnlyList<ReplyCall> calls) => new()
    {
        ["role"] = "assistant",
        ["content"] = null,
        ["tool_calls"] = new JsonArray([.. calls.Select(call => new JsonObject
        {
            ["id"] = call.Id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
        })]),
    };

    private static JsonObject Result(ReplyCall call, string text) => new() { ["role"] = "tool", ["tool_call_id"] = call.Id, ["content"] = text };
}
