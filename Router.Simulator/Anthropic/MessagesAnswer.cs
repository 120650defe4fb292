using System.Globalization;
using Router.Simulator.Keys;
using Router.Simulator.Talk;
using Router.Simulator.Wire;

namespace Router.Simulator.Anthropic;

/// <summary>One message: the parts JSON and stream share, and the JSON form.</summary>
internal sealed class MessagesAnswer(Exchange exchange, Reply reply, string model, bool hidesThoughts)
{
    private const string Unknown = ""","x_simulator":{"n":1.0,"s":"kept as sent: é…"}""";

    public Exchange Exchange => exchange;
    public Reply Reply => reply;
    public string? Thought => hidesThoughts && reply.Reasoning is not null ? "" : reply.Reasoning;
    public string Signature { get; } = reply.Reasoning is null ? "" : Signatures.Issue(exchange.Key ?? "");

    public string StopReason => exchange.Fault.FinishReason ?? reply.Finish switch
    {
        Finish.StopSequence => "stop_sequence",
        Finish.Length => "max_tokens",
        Finish.ToolCalls => "tool_use",
        Finish.Refusal => "refusal",
        _ => "end_turn",
    };

    public string StopDetails => reply.Finish is Finish.Refusal ? ""","stop_details":{"type":"refusal","category":"general_harms"}""" : "";

    /// <param name="output">Output tokens so far: usage is sent twice in a stream and counts up.</param>
    public string Usage(int output) => exchange.Fault.NoUsage ? "" :
        $$$""","usage":{"input_tokens":{{{Number(reply.PromptTokens - reply.CachedTokens)}}},"cache_creation_input_tokens":0,"cache_read_input_tokens":{{{Number(reply.CachedTokens)}}},"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":{{{Number(output)}}},"service_tier":"standard"}""";

    public string Envelope(string content, string stopReason, string tail) =>
        $$"""{"id":{{Json.Text(Ids.Next("msg_", 24))}},"type":"message","role":"assistant","model":{{Json.Text(model)}},"content":[{{content}}],"stop_reason":{{stopReason}},"stop_sequence":{{(stopReason == "null" ? "null" : Json.Text(reply.StopSequence))}}{{tail}}{{Unknown}}}""";

    public string ToJson()
    {
        List<string> blocks = [];
        if (Thought is { } thought)
            blocks.Add($$"""{"type":"thinking","thinking":{{Json.Text(thought)}},"signature":{{Json.Text(Signature)}}}""");
        if (reply.Pieces.Count > 0 || reply.Refusal is not null)
            blocks.Add($$"""{"type":"text","text":{{Json.Text(reply.Refusal ?? reply.Text)}}}""");
        blocks.AddRange(reply.ToolCalls.Select(c =>
            $$"""{"type":"tool_use","id":{{Json.Text(c.Id)}},"name":{{Json.Text(c.Name)}},"input":{{c.Arguments}}}"""));
        return Envelope(string.Join(',', blocks), Json.Text(StopReason), StopDetails + Usage(reply.CompletionTokens));
    }

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
