using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers.OpenAI;
using Router.Core.Routing;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>However oddly a provider ends its stream, metadata stands on the last chunk before the end mark, and only there.</summary>
public sealed class StreamEndTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}""";
    private const string Finish = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Usage = """{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}""";
    private const string Odd = """{"choices":[],"x":1}""";
    private const string UsageWithChoice = """{"choices":[{"index":0,"delta":{"content":""},"finish_reason":null}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""";

    [Theory]
    [InlineData(false, 2, Text, Finish)]
    [InlineData(false, 2, Text, Finish, Usage)]
    [InlineData(true, 3, Text, Finish, Usage)]
    [InlineData(false, 3, Text, Finish, Odd)]
    [InlineData(true, 4, Text, Finish, Usage, Odd)]
    [InlineData(false, 2, Text, Finish, UsageWithChoice)]
    [InlineData(true, 3, Text, Finish, UsageWithChoice)]
    [InlineData(false, 4, Text, Finish, Text, Finish)]
    public async Task Metadata_is_on_the_last_chunk_and_nowhere_else(bool includeUsage, int shown, params string[] sent)
    {
        string[] events = await WriteAsync(includeUsage, sent);
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal(shown, events.Length - 1);
        Assert.NotNull(JsonNode.Parse(events[^2])!["metadata"]);
        Assert.All(events[..^2], text => Assert.Null(JsonNode.Parse(text)!["metadata"]));
        Assert.Equal(includeUsage, events[..^1].Any(text => JsonNode.Parse(text)!["usage"] is not null));
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"hi"}}]}""", """{"choices":[{"index":0,"delta":{"content":"hi"}}],"model":"openai/gpt-4o"}""")]
    [InlineData("""{"model":"m","n":1.0}""", """{"model":"openai/gpt-4o","n":1.0}""")]
    [InlineData(""" { "model" : null , "e":"\u0041" } """, """ { "model" : "openai/gpt-4o" , "e":"\u0041" }""")]
    [InlineData("""{"a":1,"model":{"deep":[1]}}""", """{"a":1,"model":"openai/gpt-4o"}""")]
    public async Task A_chunk_goes_out_with_the_model_named_and_no_other_byte_changed(string sent, string expected)
    {
        Assert.Equal(expected, (await WriteAsync(false, sent, Finish))[0]);
        // One that does not fit beside others goes out the same.
        string padding = $$"""{"pad":"{{new string('x', 5_000)}}",""";
        Assert.Equal(padding + expected.TrimStart()[1..].TrimStart(), (await WriteAsync(false, padding + sent.TrimStart()[1..].TrimStart(), Finish))[0]);
    }

    private async Task<string[]> WriteAsync(bool includeUsage, params string[] sent)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Response.Body = body;
        var credential = new Credential("system:openai:x", CredentialType.System, "system", "x", new Secret("sim-good"));
        var request = new RouteRequest { Workspace = Pipeline.Workspace(null), Model = "openai/gpt-4o" };
        request.Attempts.Add(new AttemptRecord(new PlanEntry(0, pipeline.Providers.All[0], "gpt-4o", credential, HealthVerdict.Good)) { Success = true });
        await new AnswerStreamWriter(context, request, includeUsage, TimeProvider.System).WriteAsync(Updates(sent), TestContext.Current.CancellationToken);

        return [.. Encoding.UTF8.GetString(body.ToArray()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line[6..])];
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Updates(string[] chunks)
    {
        var reader = new OpenAIChunkReader(contentParts: false);
        foreach (string chunk in chunks)
        {
            await Task.Yield();
            Assert.True(reader.TryParse(Encoding.UTF8.GetBytes(chunk), out Router.Core.Wire.JsonObject? body));
            yield return reader.Read(body);
        }
    }
}
