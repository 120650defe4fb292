using System.Net;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed class StreamingTests(Stack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Body(string members) => $$"""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hello"}]{{members}}}""";

    [Theory]
    [InlineData("", false)]
    [InlineData(""","stream_options":{"include_usage":false}""", false)]
    [InlineData(""","stream_options":{"include_usage":true}""", true)]
    public async Task Metadata_stands_on_the_last_chunk_and_usage_is_shown_only_if_asked_for(string members, bool usage)
    {
        (HttpResponseMessage response, List<string> events) = await StreamAsync(Body(members));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("[DONE]", events[^1]);
        List<JsonNode> chunks = [.. events[..^1].Select(text => JsonNode.Parse(text)!)];
        Assert.All(chunks, chunk => Assert.Equal("openai/gpt-4o", (string)chunk["model"]!));
        Assert.Equal("system", (string)chunks[^1]["metadata"]!["attempts"]![0]!["credential_type"]!);
        Assert.True((bool)chunks[^1]["metadata"]!["attempts"]![0]!["success"]!);
        Assert.NotNull(chunks[^1]["metadata"]!["attempts"]![0]!["time_to_first_token_ms"]);
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk["metadata"]));
        Assert.Equal(usage, chunks.Any(chunk => chunk["choices"]!.AsArray().Count == 0 && chunk["usage"] is JsonObject));
        Assert.Equal(1, chunks.Count(chunk => chunk["choices"] is JsonArray { Count: > 0 } choices && choices[0]!["finish_reason"] is not null));
    }

    [Fact]
    public async Task An_own_key_that_fails_before_the_first_content_is_never_seen_in_the_stream()
    {
        (HttpResponseMessage response, List<string> events) = await StreamAsync(Body(""","provider_credentials":{"openai":{"api_key":"sim-ratelimited-stream"}}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("x-router-attempts").Single());
        JsonArray attempts = JsonNode.Parse(events[^2])!["metadata"]!["attempts"]!.AsArray();
        Assert.Equal(["byok", "system"], attempts.Select(attempt => (string)attempt!["credential_type"]!));
        Assert.Equal("rate_limit", (string)attempts[0]!["error"]!["code"]!);
    }

    [Fact]
    public async Task A_failure_before_the_first_content_is_an_error_with_its_own_status()
    {
        using HttpResponseMessage response = await stack.Api.SendAsync(stack.Chat(Body(""","simulate":{"errorEvent":true}""")), Cancel);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal("all_attempts_failed", (string)body["error"]!["code"]!);
        Assert.Equal(2, body["metadata"]!["attempts"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(""","simulate":{"cutAfterChunks":2}""")]
    [InlineData(""","simulate":{"cutAfterChunks":2,"clean":true}""")]
    [InlineData(""","simulate":{"cutMidChunk":true,"afterChunks":2}""")]
    [InlineData(""","simulate":{"errorEvent":true,"errorAfterChunks":2}""")]
    public async Task A_failure_after_it_ends_the_stream_with_an_error_and_no_done(string script)
    {
        (_, List<string> events) = await StreamAsync(Body(script));
        Assert.DoesNotContain("[DONE]", events);
        JsonNode last = JsonNode.Parse(events[^1])!;
        Assert.Equal("all_attempts_failed", (string)last["error"]!["code"]!);
        Assert.False((bool)last["metadata"]!["attempts"]![0]!["success"]!);
        Assert.Equal("transient", (string)last["metadata"]!["attempts"]![0]!["error"]!["code"]!);
    }

    [Fact]
    public async Task A_client_that_goes_away_stops_the_upstream_call_within_a_second()
    {
        const string Key = "sim-good-gone-client";
        string body = Body($$$$""","provider_credentials":{"openai":{"api_key":"{{{{Key}}}}"}},"simulate":{"chunks":2000,"delayBetweenChunksMs":10}""");
        // A client that drains what it no longer wants would leave late itself.
        using var client = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = stack.Api.BaseAddress };
        using (HttpResponseMessage response = await client.SendAsync(stack.Chat(body), HttpCompletionOption.ResponseHeadersRead, Cancel))
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(Cancel);
            await stream.ReadExactlyAsync(new byte[200], Cancel);
        }

        DateTimeOffset left = DateTimeOffset.UtcNow;
        JsonNode entry = await GoneAsync(Key);
        Assert.True(DateTimeOffset.Parse((string)entry["endedAt"]!, System.Globalization.CultureInfo.InvariantCulture) - left < TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("false", "sim-good-gone-json")]
    [InlineData("true", "sim-good-gone-silent")]
    public async Task A_client_that_goes_away_before_any_answer_stops_the_upstream_call_too(string stream, string key)
    {
        string body = $$$$"""{"model":"openai/gpt-4o","stream":{{{{stream}}}},"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"{{{{key}}}}"}},"simulate":{"neverAnswer":true}}""";
        using var client = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stack.Api.SendAsync(stack.Chat(body), client.Token));
        await GoneAsync(key);
    }

    private async Task<JsonNode> GoneAsync(string key)
    {
        for (int i = 0; i < 40; i++)
        {
            JsonNode? entry = (await stack.JournalAsync(key)).LastOrDefault();
            if (entry?["clientGone"]?.GetValue<bool>() == true)
            {
                return entry;
            }

            await Task.Delay(50, Cancel);
        }

        throw new TimeoutException("The upstream call was still running two seconds after the client left.");
    }

    private async Task<(HttpResponseMessage Response, List<string> Events)> StreamAsync(string body)
    {
        HttpResponseMessage response = await stack.Api.SendAsync(stack.Chat(body), HttpCompletionOption.ResponseHeadersRead, Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        return (response, [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..])]);
    }
}
