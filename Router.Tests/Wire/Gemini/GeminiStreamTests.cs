using System.Text;
using CsCheck;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Providers.Gemini;
using Router.Tests.Dialects.Gemini;

namespace Router.Tests.Wire.Gemini;

public sealed class GeminiStreamTests
{
    private const string Head = """data: {"candidates":[{"content":{"parts":[{"text":"pondering","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9},"modelVersion":"gemini-3-flash","responseId":"resp"}""";
    private const string Text = """data: {"candidates":[{"content":{"parts":[{"text":"Grüße 😀"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3}}""";
    private const string Calls = """data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"x":1.10}},"thoughtSignature":"sig"},{"functionCall":{"id":"g1","name":"g"}}],"role":"model"},"index":0}]}""";
    private const string Tail = """data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"toolUsePromptTokenCount":1,"candidatesTokenCount":5,"thoughtsTokenCount":4,"cachedContentTokenCount":2}}""";

    [Fact]
    public void A_stream_says_the_same_whatever_the_chunk_boundaries() =>
        Gen.Int[1, 60].List[1, 8].Sample(sizes =>
        {
            (List<ChatResponseUpdate> updates, _) = Read(Lines(Head, Text, Calls, Tail), sizes);
            AIContent[] contents = [.. updates.SelectMany(update => update.Contents)];
            Assert.Equal("pondering", Assert.Single(contents.OfType<TextReasoningContent>()).Text);
            Assert.Equal("Grüße 😀", Assert.Single(contents.OfType<TextContent>()).Text);
            FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
            Assert.Equal(["f", "g"], calls.Select(call => call.Name));
            Assert.Equal([("""{"x":1.10}"""), "{}"], calls.Select(call => call.AdditionalProperties!["arguments"]));
            Assert.Equal("sig", calls[0].AdditionalProperties!["thought_signature"]);
            Assert.True(calls[0].CallId.StartsWith("call_", StringComparison.Ordinal) && calls[1].CallId == "g1");
            Assert.Equal(ChatFinishReason.ToolCalls, Assert.Single(updates, update => update.FinishReason is not null).FinishReason);
            UsageDetails usage = Assert.Single(contents.OfType<UsageContent>()).Details;
            Assert.Equal((10, 9, 19, 2, 4), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount));
            Assert.All(updates, update => Assert.Equal(("resp", "gemini-3-flash"), (update.ResponseId, update.ModelId)));
        }, iter: 50);

    [Fact]
    public void A_broken_line_is_left_out_and_counted()
    {
        (List<ChatResponseUpdate> updates, RouterChatOptions options) = Read(Lines(Head, "data: {broken", Text, Tail), [1000]);
        Assert.Contains(updates, update => update.Text == "Grüße 😀");
        Assert.Equal(1, options.Attempt!.Record.MalformedLines);
    }

    [Fact]
    public void Every_prefix_of_a_stream_without_its_end_is_an_error()
    {
        byte[] whole = Lines(Head, Text, Calls, Tail);
        int tail = whole.Length - Encoding.UTF8.GetByteCount(Tail) - 2;
        for (int length = 0; length <= tail; length += 13)
        {
            var failure = Assert.Throws<ProviderException>(() => Read(whole[..length], [50]));
            Assert.Equal(FailureClass.Transient, failure.Failure);
        }
    }

    [Theory]
    [InlineData("""{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}""", FailureClass.Transient)]
    [InlineData("""[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]""", FailureClass.RateLimit)]
    [InlineData("""{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}""", FailureClass.CallerFault)]
    [InlineData("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","index":0}]}""", FailureClass.Transient)]
    public void An_error_in_a_stream_is_a_failure(string data, FailureClass expected) =>
        Assert.Equal(expected, Assert.Throws<ProviderException>(() => Read(Lines(Head, $"data: {data}"), [20])).Failure);

    [Theory]
    [InlineData("""{"promptFeedback":{"blockReason":"SAFETY"}}""", "content_filter", "blocked the prompt (SAFETY)")]
    [InlineData("""{"candidates":[{"finishReason":"RECITATION","index":0}]}""", "content_filter", "(RECITATION)")]
    [InlineData("""{"candidates":[{"finishReason":"MAX_TOKENS","index":0}]}""", "length", null)]
    [InlineData("""{"candidates":[{"finishReason":"SOMETHING_NEW","index":0}]}""", "stop", null)]
    public void Ends_have_OpenAIs_words(string data, string finish, string? refusal)
    {
        (List<ChatResponseUpdate> updates, _) = Read(Lines($"data: {data}"), [20]);
        Assert.Equal(finish, updates[^1].FinishReason!.Value.Value);
        ErrorContent? said = updates.SelectMany(update => update.Contents).OfType<ErrorContent>().SingleOrDefault();
        Assert.Equal(refusal is null ? null : "refusal", said?.ErrorCode);
        Assert.Contains(refusal ?? "", said?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_errors_instead_of_a_stream_is_understood()
    {
        using var google = new FakeGoogle { Answer = _ => FakeGoogle.Json("""[{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}]""") };
        using GeminiChatClient client = google.Client();
        var failure = await Assert.ThrowsAsync<ProviderException>(() => client.GetStreamingResponseAsync("Hi", FakeGoogle.Options(), TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken));
        Assert.Equal((FailureClass.ModelAccess, 403), (failure.Failure, failure.Status));
    }

    private static byte[] Lines(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n\r\n")));

    private static (List<ChatResponseUpdate> Updates, RouterChatOptions Options) Read(byte[] body, IReadOnlyList<int> sizes)
    {
        using var google = new FakeGoogle { Answer = _ => FakeGoogle.Sse(body, sizes) };
        using GeminiChatClient client = google.Client();
        RouterChatOptions options = FakeGoogle.Options();
        return (client.GetStreamingResponseAsync("Hi", options, TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken).ToList(), options);
    }
}
