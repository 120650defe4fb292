using Router.Simulator.Faults;
using Router.Simulator.Keys;
using Router.Simulator.Talk;
using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator.Anthropic;

/// <summary>The Messages endpoint, direct and as Vertex serves it.</summary>
internal static class Messages
{
    public static Task AnswerAsync(Exchange exchange)
    {
        var onVertex = exchange.Operation is Operation.RawPredict or Operation.StreamRawPredict;
        if (onVertex && exchange.Path.Contains("/models/count-tokens:", StringComparison.Ordinal))
            return CountAsync(exchange);
        var model = onVertex ? KeyCheck.ModelInPath(exchange) : exchange.Body.Str("model");
        if (MessagesRules.Broken(exchange.Body, exchange.Key ?? "", model, onVertex) is { } problem)
            return RefuseAsync(exchange, problem);
        var body = exchange.Body!;
        var voice = exchange.Vendor with { ToolIdPrefix = "toolu_01", ToolIdLength = 22 };
        var display = body.Obj("thinking").Str("display") ?? (new ClaudeModel(model!).OmitsThoughts ? "omitted" : "summarized");
        var answer = new MessagesAnswer(
            exchange, Composer.Compose(MessagesRequest.Read(body, model!), voice, exchange.Fault), model!, hidesThoughts: display == "omitted");
        exchange.Worked(answer.Reply);
        return body.Flag("stream")
            ? new FaultyStream(exchange).SendAsync(new MessagesStream(answer).Events())
            : exchange.JsonAsync(answer.ToJson());
    }

    public static Task CountAsync(Exchange exchange) => exchange.Body.Arr("messages") is { Count: > 0 } && exchange.Body.Str("model") is { } model
        ? exchange.JsonAsync($$"""{"input_tokens":{{Tokens.Of(MessagesRequest.Read(exchange.Body!, model).Characters)}}}""")
        : RefuseAsync(exchange, "messages: Field required");

    /// <summary>The endpoint's own errors keep its envelope on Vertex too.</summary>
    private static Task RefuseAsync(Exchange exchange, string message) =>
        exchange.FailAsync(AnthropicVendor.Anthropic.BadRequest(message), Envelopes.Anthropic);
}
