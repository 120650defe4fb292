using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using Router.Tests.EndToEnd;

namespace Router.Tests.Clients;

/// <summary>The vendor's own .NET client against the router, for a model of each dialect.</summary>
[Collection(StackCollection.Name)]
public sealed class OpenAISdkTests(Stack stack)
{
    private static readonly BinaryData Schema = BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"},"celsius":{"type":"integer"}},"required":["city","celsius"],"additionalProperties":false}""");

    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("get_weather", "The weather of a city.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    public static TheoryData<string> Models => new("openai/gpt-4o", "anthropic/claude-sonnet-4-5", "google-ai-studio/gemini-2.5-pro");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Models))]
    public async Task It_completes(string model)
    {
        ChatCompletion answer = await Client(model).CompleteChatAsync([new UserChatMessage("Hello there")], cancellationToken: Cancel);
        Assert.Contains("Hello there", answer.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.True(answer.Usage.InputTokenCount > 0 && answer.Usage.OutputTokenCount > 0);
        Assert.Equal(model, answer.Model);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task It_streams(string model)
    {
        var text = new StringBuilder();
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Client(model).CompleteChatStreamingAsync([new UserChatMessage("Hello 😀 there")], cancellationToken: Cancel))
        {
            text.AppendJoin("", update.ContentUpdate.Select(part => part.Text));
            finish ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.Contains("Hello 😀 there", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.True(usage!.OutputTokenCount > 0);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task It_calls_a_tool_and_goes_on_with_the_result(string model)
    {
        var options = new ChatCompletionOptions { Tools = { Weather } };
        List<ChatMessage> messages = [new UserChatMessage("What is the weather in Paris?")];
        ChatCompletion call = await Client(model).CompleteChatAsync(messages, options, Cancel);
        Assert.Equal(ChatFinishReason.ToolCalls, call.FinishReason);
        ChatToolCall tool = Assert.Single(call.ToolCalls);
        Assert.Equal("get_weather", tool.FunctionName);
        JsonDocument.Parse(tool.FunctionArguments).Dispose();

        messages.Add(new AssistantChatMessage(call));
        messages.Add(new ToolChatMessage(tool.Id, "sunny, 21 degrees"));
        ChatCompletion answer = await Client(model).CompleteChatAsync(messages, options, Cancel);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Contains("sunny, 21 degrees", answer.Content[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task It_streams_parallel_tool_calls(string model)
    {
        var options = new ChatCompletionOptions { Tools = { Weather, ChatTool.CreateFunctionTool("get_time", "The time of a city.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}}}""")) } };
        var calls = new SortedDictionary<int, (string Id, string Name, string Arguments)>();
        await foreach (StreamingChatCompletionUpdate update in Client(model).CompleteChatStreamingAsync([new UserChatMessage("In parallel: the weather and time tool")], options, Cancel))
        {
            foreach (StreamingChatToolCallUpdate piece in update.ToolCallUpdates)
            {
                (string Id, string Name, string Arguments) known = calls.GetValueOrDefault(piece.Index, ("", "", ""));
                calls[piece.Index] = (known.Id + piece.ToolCallId, known.Name + piece.FunctionName, known.Arguments + piece.FunctionArgumentsUpdate);
            }
        }

        Assert.Equal(["get_weather", "get_time"], calls.Values.Select(call => call.Name));
        Assert.Equal(2, calls.Values.Select(call => call.Id).Distinct().Count());
        Assert.All(calls.Values, call => JsonDocument.Parse(call.Arguments).Dispose());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task It_gets_structured_output(string model)
    {
        var options = new ChatCompletionOptions { ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("weather", Schema, jsonSchemaIsStrict: true) };
        ChatCompletion answer = await Client(model).CompleteChatAsync([new UserChatMessage("Paris, as JSON")], options, Cancel);
        using JsonDocument json = JsonDocument.Parse(answer.Content[0].Text);
        Assert.Equal(JsonValueKind.String, json.RootElement.GetProperty("city").ValueKind);
        Assert.Equal(JsonValueKind.Number, json.RootElement.GetProperty("celsius").ValueKind);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task It_gets_a_typed_error(string model)
    {
        ChatClient client = Client(model, "rk_EndToEnd0001_wrong0wrong0wrong0wrong0wrong0wrong0wrong0");
        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: Cancel));
        Assert.Equal(401, error.Status);
        Assert.Contains("invalid_api_key", error.Message, StringComparison.Ordinal);
    }

    private ChatClient Client(string model, string? key = null) => new(
        model,
        new ApiKeyCredential(key ?? stack.RouterKey),
        new OpenAIClientOptions { Endpoint = new Uri(stack.Api.BaseAddress!, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
