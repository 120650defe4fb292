using Router.Simulator.Faults;
using Router.Simulator.Keys;
using Router.Simulator.Talk;
using Router.Simulator.Wire;

namespace Router.Simulator.Gemini;

/// <summary>generateContent, streamGenerateContent and countTokens.</summary>
internal static class Generate
{
    public static Task AnswerAsync(Exchange exchange)
    {
        var model = KeyCheck.ModelInPath(exchange) ?? "";
        if (GenerateRules.Broken(exchange.Body, exchange.Key ?? "", model) is { } problem)
            return exchange.FailAsync(exchange.Vendor.BadRequest(problem));
        var body = exchange.Body!;
        var reply = Composer.Compose(GenerateRequest.Read(body, model), exchange.Vendor, exchange.Fault);
        var config = body.Obj("generationConfig");
        exchange.Worked(reply);
        var answer = new GenerateAnswer(exchange, reply, model, Math.Clamp(config.Int("candidateCount") ?? 1, 1, 8),
            config.Obj("thinkingConfig").Flag("includeThoughts"), GenerateRequest.IsThinker(model));
        if (exchange.Operation is not Operation.StreamGenerate)
            return exchange.JsonAsync(answer.ToJson());
        return exchange.Http.Request.Query["alt"] == "sse"
            ? new FaultyStream(exchange).SendAsync(answer.Chunks().Select(c => StreamEvent.Data(c.Part, c.Json)))
            : exchange.JsonAsync($"[{string.Join(",\r\n", answer.Chunks().Select(c => c.Json))}]");
    }

    public static Task CountAsync(Exchange exchange)
    {
        var body = exchange.Body.Obj("generateContentRequest") ?? exchange.Body;
        if (body is null || GenerateRequest.Contents(body).Count == 0)
            return exchange.FailAsync(exchange.Vendor.BadRequest("* CountTokensRequest.contents: contents is not specified"));
        var tokens = GenerateAnswer.Number(Tokens.Of(GenerateRequest.Read(body, "").Characters));
        return exchange.JsonAsync($$"""{"totalTokens":{{tokens}},"promptTokensDetails":[{"modality":"TEXT","tokenCount":{{tokens}}}]}""");
    }
}
