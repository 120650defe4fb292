using Router.Simulator.Faults;
using Router.Simulator.Talk;
using Router.Simulator.Wire;

namespace Router.Simulator.OpenAI;

internal static class ChatCompletions
{
    public static Task AnswerAsync(Exchange exchange)
    {
        if (ChatRequest.Refusal(exchange.Body, exchange.Vendor) is { } refusal)
            return exchange.FailAsync(refusal);
        var body = exchange.Body!;
        var prompt = ChatRequest.Read(body);
        var answer = new ChatAnswer(exchange, Composer.Compose(prompt, exchange.Vendor, exchange.Fault), prompt.Model, Math.Clamp(body.Int("n") ?? 1, 1, 128));
        exchange.Worked(answer.Reply, answer.Choices);
        return body.Flag("stream")
            ? new FaultyStream(exchange).SendAsync(new ChatStream(answer, body.Obj("stream_options").Flag("include_usage")).Events())
            : exchange.JsonAsync(answer.ToJson());
    }
}
