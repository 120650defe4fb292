using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Tests.Support;

namespace Router.Tests.Dialects.OpenAI;

/// <summary>What of a request reaches each provider of the dialect, read from the simulator's journal.</summary>
public sealed class QuirksTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string, string> Cases => new()
    {
        // model, members sent, members that must arrive, members that must not, members the caller is warned of
        { "openai/gpt-4o", "\"temperature\":0.5,\"max_tokens\":9,\"x_new\":1.0", "temperature max_tokens x_new", "", "" },
        { "openai/o3", "\"temperature\":0.5,\"max_tokens\":9,\"logprobs\":true", "max_completion_tokens", "temperature max_tokens logprobs", "temperature logprobs" },
        { "openai/gpt-5", "\"top_p\":0.5,\"max_completion_tokens\":9", "max_completion_tokens", "top_p", "top_p" },
        { "mistral/mistral-large-latest", "\"seed\":7,\"max_completion_tokens\":9,\"logit_bias\":{\"5\":1},\"user\":\"u\",\"store\":false,\"temperature\":0.5", "random_seed max_tokens temperature", "seed max_completion_tokens logit_bias user store stream_options", "logit_bias user" },
        { "groq/llama-3.3-70b-versatile", "\"logit_bias\":{\"5\":1},\"presence_penalty\":0,\"frequency_penalty\":0.5,\"x_new\":1", "x_new", "logit_bias presence_penalty frequency_penalty", "logit_bias frequency_penalty" },
        { "deepinfra/meta-llama/Llama-3.3-70B-Instruct", "\"max_completion_tokens\":9,\"min_p\":0.1", "max_tokens min_p", "max_completion_tokens", "" },
        { "fireworks/accounts/fireworks/models/glm-5p1", "\"max_completion_tokens\":9,\"max_tokens\":8", "max_completion_tokens", "max_tokens", "" },
        { "mistral/mistral-large-latest", "\"user\":null,\"max_tokens\":5,\"max_completion_tokens\":null,\"logit_bias\":null", "max_tokens", "user max_completion_tokens logit_bias", "" },
        { "fireworks/accounts/fireworks/models/gpt-oss-120b", "\"reasoning_effort\":\"none\",\"max_tokens\":8,\"max_completion_tokens\":null", "reasoning_effort max_tokens", "", "reasoning_effort" },
        { "cerebras/gpt-oss-120b", "\"reasoning_effort\":\"minimal\"", "reasoning_effort", "", "reasoning_effort" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_request_leaves_as_the_provider_takes_it_and_the_caller_hears_of_losses(string model, string members, string present, string absent, string warned)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            string slug = model[..model.IndexOf('/', StringComparison.Ordinal)];
            string key = $"{Guid.NewGuid():N}-sim-good";
            string body = $$$"""{"model":"{{{model}}}","stream":{{{(stream ? "true" : "false")}}},"messages":[{"role":"user","content":"Hi"}],{{{members}}},"provider_credentials":{"{{{slug}}}":{"api_key":"{{{key}}}","fallback_to_inworld":false}}""";
            ChatRequest request = pipeline.Request(body + "}");
            await RunAsync(request);
            JsonObject sent = JsonNode.Parse((string)(await pipeline.JournalAsync(key)).Single()!["body"]!)!.AsObject();
            Assert.All(Words(present), name => Assert.Contains(name, sent.Select(member => member.Key)));
            Assert.All(Words(absent), name => Assert.DoesNotContain(name, sent.Select(member => member.Key)));
            string[] losses = [.. request.Options.Request.Warnings.Where(warning => warning.StartsWith('\'')).Select(warning => warning.Split('\'')[1])];
            Assert.Equal(Words(warned).Order(), losses.Order());

            if (losses.Length > 0)
            {
                RouterException refused = await Assert.ThrowsAsync<RouterException>(() => RunAsync(pipeline.Request(body + ",\"strict\":true}")));
                Assert.Equal(400, refused.Error.Status);
            }
        }
    }

    [Fact]
    public async Task Foreign_tool_call_ids_become_nine_characters_in_calls_and_results_alike()
    {
        string key = $"{Guid.NewGuid():N}-sim-good";
        ChatRequest request = pipeline.Request($$$$"""
            {"model":"mistral/mistral-large-latest","provider_credentials":{"mistral":{"api_key":"{{{{key}}}}"}},"messages":[
             {"role":"developer","content":"Be brief."},{"role":"user","content":"weather?"},
             {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"call_foreign-1","type":"function","function":{"name":"get_weather","arguments":"{}"}},{"id":"AbCdEf123","type":"function","function":{"name":"get_time","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"call_foreign-1","content":"sunny"},{"role":"tool","tool_call_id":"AbCdEf123","content":"noon"}]}
            """);
        await RunAsync(request);
        JsonArray sent = JsonNode.Parse((string)(await pipeline.JournalAsync(key)).Single()!["body"]!)!["messages"]!.AsArray();
        Assert.Equal("system", (string)sent[0]!["role"]!);
        Assert.Null(sent[2]!["reasoning_content"]);
        string id = (string)sent[2]!["tool_calls"]![0]!["id"]!;
        Assert.Matches("^[A-Za-z0-9]{9}$", id);
        Assert.Equal(id, (string)sent[3]!["tool_call_id"]!);
        Assert.Equal("AbCdEf123", (string)sent[4]!["tool_call_id"]!);
    }

    private async Task RunAsync(ChatRequest request)
    {
        if (!request.Stream)
        {
            await pipeline.Router.GetResponseAsync(request.Messages, request.Options, Cancel);
            return;
        }

        await foreach (ChatResponseUpdate update in pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Cancel))
        {
            Assert.NotNull(update);
        }
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
