using System.Globalization;
using Router.Simulator.Talk;
using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator.OpenAI;

/// <summary>One chat completion: the parts JSON and stream share, and the JSON form.</summary>
internal sealed class ChatAnswer(Exchange exchange, Reply reply, string model, int choices)
{
    /// <summary>A field no client knows, with a number whose formatting must survive.</summary>
    public const string Unknown = ""","x_simulator":{"n":1.0,"s":"kept as sent: é…"}""";

    public Exchange Exchange => exchange;
    public Vendor Vendor => exchange.Vendor;
    public Reply Reply => reply;
    public int Choices => choices;
    public string Id { get; } = Ids.Next("chatcmpl-", 29);

    public string FinishReason => exchange.Fault.FinishReason ?? reply.Finish switch
    {
        Finish.Length => "length",
        Finish.ToolCalls => "tool_calls",
        _ => "stop",
    };

    public string Head(string kind) =>
        $$"""{"id":{{Json.Text(Id)}},"object":"{{kind}}","created":{{Number(exchange.UnixTime)}},"model":{{Json.Text(model)}},"service_tier":"default","system_fingerprint":"fp_simulated01",""";

    public string Usage()
    {
        var outside = Vendor.ReasoningOutsideCompletion ? reply.ReasoningTokens : 0;
        var completion = (reply.CompletionTokens * choices) - outside;
        return $$"""{"prompt_tokens":{{Number(reply.PromptTokens)}},"completion_tokens":{{Number(completion)}},"total_tokens":{{Number(reply.PromptTokens + completion + outside)}},"prompt_tokens_details":{"cached_tokens":{{Number(reply.CachedTokens)}},"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":{{Number(reply.ReasoningTokens)}},"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}{{Vendor.UsageExtra}}}""";
    }

    public string ToJson()
    {
        var message = Message();
        var rows = Enumerable.Range(0, choices).Select(i =>
            $$"""{"index":{{Number(i)}},"message":{{message}},"logprobs":null,"finish_reason":{{Json.Text(FinishReason)}}}""");
        var usage = exchange.Fault.NoUsage ? "" : $",\"usage\":{Usage()}{Vendor.UsageChunkExtra}";
        return $$"""{{Head("chat.completion")}}"choices":[{{string.Join(',', rows)}}]{{usage}}{{Unknown}}}""";
    }

    private string Message()
    {
        var extra = reply.Reasoning is not { } thought ? "" : Vendor.Reasoning switch
        {
            ReasoningStyle.ReasoningContent => $",\"reasoning_content\":{Json.Text(thought)}",
            ReasoningStyle.Reasoning => $",\"reasoning\":{Json.Text(thought)}",
            _ => "",
        };
        if (reply.ToolCalls.Count > 0)
        {
            var calls = reply.ToolCalls.Select(c =>
                $$$"""{"id":{{{Json.Text(c.Id)}}},"type":"function","function":{"name":{{{Json.Text(c.Name)}}},"arguments":{{{Json.Text(c.Arguments)}}}}}""");
            extra += $",\"tool_calls\":[{string.Join(',', calls)}]";
        }

        return $$"""{"role":"assistant","content":{{Content()}},"refusal":{{Json.Text(reply.Refusal)}},"annotations":[]{{extra}}}""";
    }

    private string Content()
    {
        if (reply.ToolCalls.Count > 0 || reply.Refusal is not null)
            return "null";
        return reply.Reasoning is { } thought && Vendor.Reasoning is ReasoningStyle.ThinkingParts
            ? $$"""[{{ThinkingPart(thought)}},{"type":"text","text":{{Json.Text(reply.Text)}}}]"""
            : Json.Text(reply.Text);
    }

    public static string ThinkingPart(string thought) =>
        $$"""{"type":"thinking","thinking":[{"type":"text","text":{{Json.Text(thought)}}}]}""";

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
