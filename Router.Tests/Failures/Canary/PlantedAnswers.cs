using System.Net;
using System.Text;
using System.Text.Json;

namespace Router.Tests.Failures.Canary;

/// <summary>One answer of a hostile provider: where in it a key is planted.</summary>
/// <param name="Body">With @@ where the key goes, and @1 to @4 where quarters of it go.</param>
/// <param name="Status">0: any failing one.</param>
/// <param name="Escaped">The key stands in JSON's own escapes.</param>
internal sealed record PlantedAnswer(string Name, string Body, int Status = 0, string Type = "application/json", bool Escaped = false, string? Header = null, bool Content = false)
{
    public HttpResponseMessage Create(int status, string planted)
    {
        string Fill(string text) => text
            .Replace("@@", Escaped ? string.Concat(planted.Select(c => $"\\u{(int)c:x4}")) : JsonEncodedText.Encode(planted).Value, StringComparison.Ordinal)
            .Replace("@1", JsonEncodedText.Encode(planted[..(planted.Length / 4)]).Value, StringComparison.Ordinal)
            .Replace("@2", JsonEncodedText.Encode(planted[(planted.Length / 4)..(planted.Length / 2)]).Value, StringComparison.Ordinal)
            .Replace("@3", JsonEncodedText.Encode(planted[(planted.Length / 2)..(planted.Length * 3 / 4)]).Value, StringComparison.Ordinal)
            .Replace("@4", JsonEncodedText.Encode(planted[(planted.Length * 3 / 4)..]).Value, StringComparison.Ordinal);
        var response = new HttpResponseMessage((HttpStatusCode)(Status == 0 ? status : Status)) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Fill(Body))) };
        response.Content.Headers.ContentType = new(Type);
        if (Header is not null)
        {
            response.Headers.TryAddWithoutValidation(Header, planted);
        }

        return response;
    }
}

/// <summary>Every member of every dialect's errors, and what no dialect has.</summary>
internal static class PlantedAnswers
{
    private static readonly string[] RequestIds = ["x-request-id", "request-id", "x-correlation-id", "mistral-correlation-id", "x-goog-request-id", "retry-after", "retry-after-ms", "x-ratelimit-reset-requests", "location", "set-cookie", "www-authenticate"];

    private static readonly string[] Shapes =
    [
        """{"error":{"message":"no: @@","type":"invalid_request_error","code":"bad","param":"model"}}""",
        """{"error":{"message":"no","type":"@@","code":"bad","param":"model"}}""",
        """{"error":{"message":"no","type":"invalid_request_error","code":"@@","param":"model"}}""",
        """{"error":{"message":"no","type":"invalid_request_error","code":"bad","param":"@@"}}""",
        """{"error":{"message":"no","type":"t","code":"bad","param":"messages[0].@@"}}""",
        """{"error":{"message":"no","type":"invalid_request_error","code":null,"param":null,"status":"@@"}}""",
        """{"error":{"message":"no","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=f>@@"}}""",
        """{"error":{"message":"no","type":"invalid_request_error","code":"bad","failed_generation":{"args":"@@"}}}""",
        """{"error":{"message":"no","code":"bad","inner_error":{"headers":{"authorization":"@@"}},"request_id":"@@"}}""",
        """{"error":{"message":"no","code":"bad","@@":1}}""",
        """{"error":{"message":"no","message":"@@","code":"bad"}}""",
        """{"error":{"message":"@@","message":"no","code":"bad"}}""",
        """{"error":{"message":"no","code":"bad"},"request_id":"@@","debug":["@@"]}""",
        """{"error":{"message":"@1 and","type":"@2","code":"@3","param":"@4"}}""",
        """{"error":{"message":"@1 then @2 then @3 then @4","type":"x","code":"y"}}""",
        """{"error":{"message":["@@"],"code":["@@"]}}""",
        """{"error":{"message":{"text":"@@"},"code":{"a":"@@"}}}""",
        """{"error":"@@"}""",
        """{"error":["@@"]}""",
        """{"error":{"error":{"message":"@@"}}}""",
        """[{"error":{"message":"@@","code":400,"status":"INVALID_ARGUMENT"}}]""",
        """{"error":{"code":400,"message":"bad: @@","status":"INVALID_ARGUMENT"}}""",
        """{"error":{"code":400,"message":"bad","status":"@@","details":[{"@type":"x","reason":"@@","metadata":{"k":"@@"},"fieldViolations":[{"field":"@@","description":"@@"}]}]}}""",
        """{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"@@"},{"violations":[{"quotaId":"@@"}]}]}}""",
        """{"type":"error","error":{"type":"invalid_request_error","message":"bad @@"},"request_id":"@@"}""",
        """{"type":"error","error":{"type":"@@","message":"bad"}}""",
        """{"type":"error","error":{"type":"invalid_request_error","message":"bad","details":{"error_visibility":"@@"}}}""",
        """{"message":"@@","type":"t","code":"c","param":"p"}""",
        """{"message":"m","type":"@@","code":"@@","param":"@@"}""",
        """{"object":"error","message":"m @@","type":"invalid_request_error","code":3051}""",
        """{"detail":"@@"}""",
        """{"detail":[{"loc":["body","@@"],"msg":"@@","type":"@@"}]}""",
        """{"code":"@@","error":"the key @@ is no good"}""",
        """{"title":"@@","status":400}""",
        "\"@@\"",
    ];

    public static IReadOnlyList<PlantedAnswer> All { get; } =
    [
        .. Shapes.Select(shape => new PlantedAnswer(shape, shape)),
        .. Shapes.Select(shape => new PlantedAnswer("escaped " + shape, shape, Escaped: true)),
        .. RequestIds.Select(name => new PlantedAnswer(name, """{"error":{"message":"no","type":"invalid_request_error","code":"bad"}}""", Header: name)),
        // In a 200: as the whole body, as the first event, as one after content.
        .. Shapes.Where(shape => shape.StartsWith('{')).SelectMany(shape => (PlantedAnswer[])
        [
            new("200 " + shape, shape, 200),
            new("event " + shape, $"event: error\ndata: {shape}\n\n", 200, "text/event-stream"),
            new("late event " + shape, OpenAIChunk + $"data: {shape}\n\n", 200, "text/event-stream"),
            new("late event of Anthropic " + shape, AnthropicBegin + $"event: error\ndata: {shape}\n\n", 200, "text/event-stream"),
            new("late event of Gemini " + shape, GeminiChunk + $"data: {shape}\n\n", 200, "text/event-stream"),
        ]),
        new("HTML", "<html><body><h1>400</h1><pre>authorization: Bearer @@</pre></body></html>", Type: "text/html"),
        new("text", "@@", Type: "text/plain"),
        new("too large", $$$"""{"error":{"message":"@@ {{{new string('x', 70_000)}}} @@","type":"t","code":"c"}}"""),
        new("long", $$$"""{"error":{"message":"{{{new string('x', 3_990)}}} @@","type":"t","code":"c"}}"""),
        new("cut", """{"error":{"message":"@@","type":"t"""),
        new("comment", ": @@\n\nevent: @@\nid: @@\nretry: @@\ndata: @@\n\n", 200, "text/event-stream"),
        // Good answers: what of them is tagged or recorded.
        .. RequestIds.Select(name => new PlantedAnswer("good " + name, OpenAIAnswer, 200, Header: name)),
        new("good", OpenAIAnswer.Replace("\"m\"", "\"@@\"", StringComparison.Ordinal), 200, Content: true),
        new("good id", OpenAIAnswer.Replace("\"x\"", "\"@@\"", StringComparison.Ordinal), 200, Content: true),
        new("good finish", OpenAIAnswer.Replace("\"stop\"", "\"@@\"", StringComparison.Ordinal), 200, Content: true),
        new("good stream", OpenAIChunk.Replace("\"m\"", "\"@@\"", StringComparison.Ordinal).Replace("\"x\"", "\"@@\"", StringComparison.Ordinal).Replace("null", "\"@@\"", StringComparison.Ordinal), 200, "text/event-stream", Content: true),
        new("good of Anthropic", """{"id":"@@","model":"@@","type":"message","role":"assistant","content":[{"type":"text","text":"fine"}],"stop_reason":"@@","usage":{"input_tokens":1,"output_tokens":1}}""", 200, Content: true),
        new("refusal of Anthropic", """{"id":"a","model":"b","type":"message","role":"assistant","content":[],"stop_reason":"refusal","stop_details":{"category":"@@","explanation":"@@"}}""", 200),
        new("good of Gemini", """{"responseId":"@@","modelVersion":"@@","candidates":[{"content":{"parts":[{"text":"fine"}]},"finishReason":"STOP","finishMessage":"@@"}]}""", 200, Content: true),
        new("blocked by Gemini", """{"promptFeedback":{"blockReason":"@@","blockReasonMessage":"@@"}}""", 200),
        new("fault of Gemini", """{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"@@"}]}""", 200),
        new("reason of Gemini", """{"candidates":[{"finishReason":"@@","finishMessage":"@@"}]}""", 200),
    ];

    private const string OpenAIAnswer = """{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}""";
    private const string OpenAIChunk = "data: {\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":null}]}\n\n";
    private const string AnthropicBegin = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"x\",\"model\":\"m\",\"usage\":{\"input_tokens\":1}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"fine\"}}\n\n";
    private const string GeminiChunk = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"fine\"}]}}]}\n\n";
}
