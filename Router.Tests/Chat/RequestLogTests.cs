using System.Text;
using Router.Tests.Support;

namespace Router.Tests.Chat;

public sealed class RequestLogTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_request_is_one_line_with_its_ids_and_every_attempt()
    {
        (HttpResponseMessage response, string log) = await SendAsync(
            """{"model":"openai/gpt-4o","models":["groq/llama-3.3-70b-versatile"],"messages":[{"role":"user","content":"canary-content"}],"byok_only":true,"provider_credentials":{"openai":{"api_key":"sim-invalid-canary"},"groq":{"api_key":"sim-ratelimited-60"}}}""");
        Assert.Equal(429, (int)response.StatusCode);
        string line = Assert.Single(log.Split('\n'), one => one.StartsWith("Chat ", StringComparison.Ordinal)).Trim();
        string generation = response.Headers.GetValues("x-generation-id").Single();
        Assert.StartsWith($"Chat {generation} (trace ", line, StringComparison.Ordinal);
        Assert.Contains("of workspace default for openai/gpt-4o got 429 all_attempts_rate_limited", line, StringComparison.Ordinal);
        Assert.EndsWith("attempts: byok openai/gpt-4o: credential 401, byok groq/llama-3.3-70b-versatile: rate_limit 429", line, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_breaks_after_it_began_is_a_line_too()
    {
        (HttpResponseMessage response, string log) = await SendAsync(
            """{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}],"simulate":{"cutAfterChunks":2}}""");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Contains("got 502 all_attempts_failed", log, StringComparison.Ordinal);
        Assert.Contains(response.Headers.GetValues("x-generation-id").Single(), log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_answered_as_asked_leaves_no_line()
    {
        (HttpResponseMessage response, string log) = await SendAsync("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.DoesNotContain("Chat ", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"stream\":true,\"simulate\":{\"chunks\":100,\"delayBetweenChunksMs\":100}", true)]
    [InlineData("\"stream\":true,\"simulate\":{\"neverAnswer\":true}", false)]
    [InlineData("\"simulate\":{\"neverAnswer\":true}", false)]
    public async Task A_caller_who_leaves_is_a_line_and_no_failure(string members, bool begins)
    {
        using var logs = new RecordingLogs();
        await using ApiHost host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), logs);
        string key = $"sim-good-leaver-{Guid.NewGuid():N}";
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent($$$"""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"{{{key}}}"}},{{{members}}}}""", Encoding.UTF8, "application/json"),
        };
        Task<HttpResponseMessage> sending = host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaves.Token);
        if (begins)
        {
            await using Stream body = await (await sending).Content.ReadAsStreamAsync(Cancel);
            Assert.True(await body.ReadAsync(new byte[100], Cancel) > 0);
        }
        else
        {
            while ((await pipeline.JournalAsync(key)).Count == 0)
            {
                await Task.Delay(10, Cancel);
            }

            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        await Eventually.HoldsAsync(() => logs.Text.Contains("was abandoned by its caller", StringComparison.Ordinal), TimeSpan.FromSeconds(10), Cancel);
        Assert.Contains("attempts: byok openai/gpt-4o: cancelled", logs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai/line\\nbreak \\u001b[31m \\u2028")]
    public async Task A_models_name_cannot_forge_a_line(string model)
    {
        (_, string log) = await SendAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}],"byok_only":true}""");
        Assert.Contains("openai/line?break ?[31m ?", log, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', log);
    }

    private async Task<(HttpResponseMessage Response, string Log)> SendAsync(string body)
    {
        using var logs = new RecordingLogs();
        await using ApiHost host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), logs);
        HttpResponseMessage response = await host.Client.PostAsync("/v1/chat/completions", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
        await response.Content.ReadAsStringAsync(Cancel);
        return (response, logs.Text);
    }
}
