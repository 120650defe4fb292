using System.Net;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Providers.Gemini;
using Router.Core.Wire;

namespace Router.Tests.Dialects.Gemini;

public sealed class GeminiAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_has_text_thoughts_calls_and_what_they_cost()
    {
        ChatResponse response = await AskAsync("""
            {"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"Hi","thoughtSignature":"t"},{"functionCall":{"id":"1","name":"f","args":{"a":[1,2]}}}]},"finishReason":"STOP"}],
             "usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":1,"thoughtsTokenCount":2},"modelVersion":"m","responseId":"r"}
            """);
        Assert.Equal(("r", "m", ChatFinishReason.ToolCalls), (response.ResponseId, response.ModelId, response.FinishReason));
        Assert.Equal(3, response.Usage!.OutputTokenCount);
        Assert.IsType<JsonObject>(response.RawRepresentation);
        IList<AIContent> contents = Assert.Single(response.Messages).Contents;
        Assert.Equal(["hm", "t"], contents.OfType<TextReasoningContent>().Select(content => content.ProtectedData ?? content.Text));
        Assert.Equal("[1,2]", Assert.Single(contents.OfType<FunctionCallContent>()).Arguments!["a"]!.ToString());
        Assert.Equal("Hi", response.Text);
    }

    [Fact]
    public async Task Signatures_of_an_answer_go_back_where_they_stood()
    {
        ChatResponse response = await AskAsync("""{"candidates":[{"content":{"parts":[{"text":"Hi","thoughtSignature":"t"},{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"c"}]},"finishReason":"STOP"}]}""");
        var body = await FakeGoogle.BodyAsync([new(ChatRole.User, "Hi"), .. response.Messages, GeminiRequestTests.Result("1", "x")]);
        Assert.Equal(["t", "c"], body["contents"]![1]!["parts"]!.AsArray().Select(part => (string?)part!["thoughtSignature"]));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("""{"candidates":[]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"cut"}]}}]}""")]
    [InlineData("""{"candidates":[{"finishReason":"UNEXPECTED_TOOL_CALL"}]}""")]
    [InlineData("""{"error":{"code":500,"message":"x","status":"INTERNAL"}}""")]
    public async Task What_is_no_answer_is_a_failure_whatever_its_status(string body) =>
        Assert.Equal(FailureClass.Transient, (await Assert.ThrowsAsync<ProviderException>(() => AskAsync(body))).Failure);

    [Theory]
    [InlineData(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID", FailureClass.Credential)]
    [InlineData(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", null, FailureClass.Credential)]
    [InlineData(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key.", null, FailureClass.Credential)]
    [InlineData(401, "UNAUTHENTICATED", "x", "ACCESS_TOKEN_TYPE_UNSUPPORTED", FailureClass.Credential)]
    [InlineData(403, "PERMISSION_DENIED", "Requests are blocked.", "API_KEY_SERVICE_BLOCKED", FailureClass.ModelAccess)]
    [InlineData(403, "PERMISSION_DENIED", "API has not been used", "SERVICE_DISABLED", FailureClass.ModelAccess)]
    [InlineData(403, "PERMISSION_DENIED", "requires billing", "BILLING_DISABLED", FailureClass.Quota)]
    [InlineData(400, "FAILED_PRECONDITION", "User location is not supported for the API use.", null, FailureClass.RegionBlocked)]
    [InlineData(400, "FAILED_PRECONDITION", "Organization policy", null, FailureClass.ModelAccess)]
    [InlineData(404, "NOT_FOUND", "models/x is not found", null, FailureClass.ModelAccess)]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Resource exhausted, please try again later.", null, FailureClass.RateLimit)]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.", null, FailureClass.Quota)]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Quota exceeded for metric: m, limit: 0", null, FailureClass.ModelAccess)]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Quota exceeded for metric: m, limit: 05", null, FailureClass.RateLimit)]
    [InlineData(400, "INVALID_ARGUMENT", "Unknown name", null, FailureClass.CallerFault)]
    [InlineData(499, "CANCELLED", "x", null, FailureClass.Transient)]
    [InlineData(503, "UNAVAILABLE", "overloaded", null, FailureClass.Transient)]
    [InlineData(418, "TEAPOT", "x", null, FailureClass.Unknown)]
    public async Task Every_error_has_its_class(int status, string word, string message, string? reason, FailureClass expected)
    {
        string details = reason is null ? "" : $$""","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{{reason}}"}]""";
        foreach (string body in (string[])[$$$"""{"error":{"code":{{{status}}},"message":"{{{message}}}","status":"{{{word}}}"{{{details}}}}}""", $$$"""[{"error":{"code":{{{status}}},"message":"{{{message}}}","status":"{{{word}}}"{{{details}}}}}]"""])
        {
            ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => AskAsync(body, status));
            Assert.Equal((expected, status), (failure.Failure, failure.Status));
            Assert.Equal(expected is FailureClass.CallerFault or FailureClass.ModelAccess or FailureClass.ContextLength, failure.UpstreamError is not null);
        }
    }

    [Fact]
    public async Task A_daily_quota_is_a_quota_and_a_minutes_quota_a_rate_limit_with_its_delay()
    {
        static string Body(string quota, string delay) => $$$"""{"error":{"code":429,"message":"You exceeded your current quota. Please retry in 53.43s.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"{{{quota}}}"}]}{{{delay}}}]}}""";
        ProviderException day = await Assert.ThrowsAsync<ProviderException>(() => AskAsync(Body("GenerateRequestsPerDayPerProject", ""), 429));
        ProviderException minute = await Assert.ThrowsAsync<ProviderException>(() => AskAsync(Body("GenerateRequestsPerMinute", """,{"retryDelay":"7s"}"""), 429));
        Assert.Equal((FailureClass.Quota, TimeSpan.FromSeconds(53.43)), (day.Failure, day.RetryAfterInWords));
        Assert.Equal((FailureClass.RateLimit, TimeSpan.FromSeconds(7)), (minute.Failure, minute.RetryAfter));
    }

    [Fact]
    public async Task A_callers_fault_comes_in_OpenAIs_words_without_the_key()
    {
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => AskAsync("""{"error":{"code":400,"message":"AQ.key: the input token count (9) exceeds the maximum","status":"INVALID_ARGUMENT"}}""", 400));
        Assert.Equal(("***: the input token count (9) exceeds the maximum", "invalid_request_error", "context_length_exceeded"), (failure.UpstreamError!.Message, failure.UpstreamError.Type, failure.UpstreamError.Code));
        Assert.DoesNotContain("AQ.key", failure.ToString(), StringComparison.Ordinal);
    }

    private static async Task<ChatResponse> AskAsync(string body, int status = 200)
    {
        using var google = new FakeGoogle { Answer = _ => FakeGoogle.Json(body, (HttpStatusCode)status) };
        using GeminiChatClient client = google.Client();
        return await client.GetResponseAsync("Hi", FakeGoogle.Options(), Cancel);
    }
}
