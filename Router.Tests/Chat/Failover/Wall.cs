using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Router.Tests.Chat.Failover;

/// <param name="At">Seconds since the wall was put up.</param>
internal sealed record WallCall(double At, string Model, string Action);

/// <summary>
/// A provider of OpenAI's dialect that breaks on purpose, in the sixteen ways of the Failover Bench (methodology 0.1, timing profile
/// <c>full</c>), by the name of the model. Its clock is the test's.
/// </summary>
internal sealed class Wall(TimeProvider time) : HttpMessageHandler
{
    public const string Answer =
        "A gateway earns trust only when the provider behind it misbehaves, because calm weather proves nothing about seamanship. "
        + "It must wait when told to wait, turn away when a door stays shut, notice silence, refuse half an answer, remember which road was closed, "
        + "try that road again later, say honestly who answered, and never leave anyone waiting forever.";

    private readonly DateTimeOffset _start = time.GetUtcNow();

    public List<WallCall> Calls { get; } = [];

    public double Now => (time.GetUtcNow() - _start).TotalSeconds;

    private static string[] Words => Answer.Split(' ');

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        JsonObject body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!.AsObject();
        string model = (string)body["model"]!;
        int attempt = Calls.Count(call => call.Model == model) + 1;
        bool stream = (bool?)body["stream"] == true;
        string tag = model["fb-".Length..];
        int index = Calls.Count;
        Calls.Add(new(Now, model, ""));
        HttpResponseMessage response = tag switch
        {
            "s01" when attempt == 1 => Refusal(429, "Rate limit reached. Please retry after 2 seconds.", "rate_limit_error", "rate_limit_exceeded", retryAfter: 2),
            "s02" => Refusal(429, "Rate limit reached.", "rate_limit_error", "rate_limit_exceeded"),
            "s03" when attempt == 1 => Refusal(500, "The server had an error while processing your request.", "server_error", null),
            "s04" or "s16" => Overloaded(),
            "s05" when attempt == 1 => throw new HttpRequestException(HttpRequestError.ResponseEnded, "reset", new IOException("reset")),
            "s06" => await Silent(cancellationToken),
            "s07" => Stream(model, body, [TimeSpan.FromSeconds(20), .. Whole(model, body)]),
            "s08" or "s14" => Stream(model, body, [.. Words[..40].Select((word, i) => Piece(model, word, i)), new IOException("cut")]),
            "s09" => Stream(model, body, [.. Words[..20].Select((word, i) => Piece(model, word, i)), TimeSpan.FromSeconds(30), new IOException("cut")]),
            "s10" => Stream(model, body, [.. Words[..10].Select((word, i) => Piece(model, word, i)), "data: {\"id\": \"x\", \"choices\": [{\"delta\": {\"content\": \n\n", .. Whole(model, body, from: 10)]),
            "s11" => Stream(model, body, Whole(model, body, done: false)),
            "s12" => Refusal(400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9631 tokens. Please reduce the length of the messages.", "invalid_request_error", "context_length_exceeded"),
            "s13" => Refusal(400, "Your request was rejected as a result of our safety system.", "invalid_request_error", "content_policy_violation"),
            "s15" when Now < 60 => Overloaded(),
            "ok-noprefill" when (string?)body["messages"]!.AsArray()[^1]!["role"] == "assistant" => Refusal(400, "This model does not support assistant message prefill.", "invalid_request_error", "invalid_prefill"),
            _ => stream ? Stream(model, body, Whole(model, body)) : Json(model),
        };
        Calls[index] = Calls[index] with { Action = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture) };
        return response;
    }

    private async Task<HttpResponseMessage> Silent(CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(120), time, cancellationToken);
        throw new HttpRequestException(HttpRequestError.ResponseEnded, "closed", new IOException("closed"));
    }

    private static HttpResponseMessage Overloaded() => Refusal(503, "The engine is currently overloaded. Please try again later.", "server_error", "overloaded");

    private static HttpResponseMessage Refusal(int status, string message, string type, string? code, int? retryAfter = null)
    {
        var body = new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code } };
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (retryAfter is { } seconds)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
        }

        return response;
    }

    private HttpResponseMessage Stream(string model, JsonObject body, IEnumerable<object> steps) =>
        new() { Content = new StreamContent(new ScriptStream([Chunk(model, """{"role":"assistant","content":""}"""), .. steps], time)) { Headers = { ContentType = new("text/event-stream") } } };

    /// <summary>The rest of the answer, whose tokens take 15 ms each altogether.</summary>
    private static IEnumerable<object> Whole(string model, JsonObject body, int from = 0, bool done = true)
    {
        foreach ((int i, string word) in Words.Index().Skip(from))
        {
            yield return Piece(model, word, i);
        }

        yield return TimeSpan.FromMilliseconds(15 * (Words.Length - from));
        yield return Chunk(model, "{}", "\"stop\"");
        if ((bool?)body["stream_options"]?["include_usage"] == true)
        {
            yield return $$$"""data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"{{{model}}}","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":60,"total_tokens":80}}""" + "\n\n";
        }

        if (done)
        {
            yield return "data: [DONE]\n\n";
        }
    }

    private static string Piece(string model, string word, int i) => Chunk(model, new JsonObject { ["content"] = i > 0 ? " " + word : word }.ToJsonString());

    private static string Chunk(string model, string delta, string finish = "null") =>
        $$$"""data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"{{{model}}}","choices":[{"index":0,"delta":{{{delta}}},"finish_reason":{{{finish}}}}]}""" + "\n\n";

    private static HttpResponseMessage Json(string model)
    {
        var body = new JsonObject
        {
            ["id"] = "x",
            ["model"] = model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = Answer }, ["finish_reason"] = "stop" }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 20, ["completion_tokens"] = 60, ["total_tokens"] = 80 },
        };
        return new HttpResponseMessage { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
    }
}
