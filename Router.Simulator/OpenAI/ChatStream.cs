using Router.Simulator.Faults;
using Router.Simulator.Talk;
using Router.Simulator.Vendors;
using Router.Simulator.Wire;

namespace Router.Simulator.OpenAI;

/// <summary>The chunks of one chat completion.</summary>
internal sealed class ChatStream(ChatAnswer answer, bool usageAsked)
{
    private const int ArgumentFragment = 16;
    private const int HugeFragment = 4096;
    private readonly string _head = answer.Head("chat.completion.chunk");
    private readonly string _usageNull = usageAsked && answer.Vendor.NullUsageInChunks ? ",\"usage\":null" : "";

    private bool SendsUsage => !answer.Exchange.Fault.NoUsage && (usageAsked || answer.Vendor.StreamUsage is not StreamUsage.WhenAsked);

    public IEnumerable<StreamEvent> Events()
    {
        for (var choice = 0; choice < answer.Choices; choice++)
            yield return Chunk(Part.Head, choice, """{"role":"assistant","content":"","refusal":null}""", extra: choice == 0 ? VendorId() : "");
        for (var i = 0; i < answer.Exchange.Fault.EmptyChunks; i++)
            yield return Chunk(Part.Head, 0, """{"content":""}""");
        foreach (var delta in Deltas())
        {
            for (var choice = 0; choice < answer.Choices; choice++)
                yield return Chunk(Part.Content, choice, delta);
        }

        var withFinish = SendsUsage && answer.Vendor.StreamUsage is StreamUsage.WithFinish ? $",\"usage\":{answer.Usage()}" : "";
        for (var choice = 0; choice < answer.Choices; choice++)
            yield return Chunk(Part.Tail, choice, "{}", Json.Text(answer.FinishReason), withFinish + VendorUsage());
        if (SendsUsage && withFinish.Length == 0)
            yield return StreamEvent.Data(Part.Tail, $$"""{{_head}}"choices":[],"usage":{{answer.Usage()}}{{answer.Vendor.UsageChunkExtra}}{{ChatAnswer.Unknown}}}""");
        yield return StreamEvent.Data(Part.Tail, "[DONE]");
    }

    private IEnumerable<string> Deltas()
    {
        var reply = answer.Reply;
        if (reply.Reasoning is { } thought && answer.Vendor.Reasoning is not ReasoningStyle.CountOnly)
        {
            foreach (var piece in Tokens.SplitWords(thought))
                yield return Thinking(piece);
        }

        if (reply.Refusal is { } refusal)
        {
            foreach (var piece in Tokens.SplitWords(refusal))
                yield return $$"""{"refusal":{{Json.Text(piece)}}}""";
        }

        for (var i = 0; i < reply.ToolCalls.Count; i++)
        {
            foreach (var delta in ToolDeltas(reply.ToolCalls[i], i))
                yield return delta;
        }

        foreach (var piece in reply.Pieces)
            yield return $$"""{"content":{{Json.Text(piece)}}}""";
    }

    private static IEnumerable<string> ToolDeltas(ToolCall call, int index)
    {
        var at = ChatAnswer.Number(index);
        yield return $$$"""{"tool_calls":[{"index":{{{at}}},"id":{{{Json.Text(call.Id)}}},"type":"function","function":{"name":{{{Json.Text(call.Name)}}},"arguments":""}}]}""";
        foreach (var piece in Tokens.Split(call.Arguments, call.Arguments.Length > HugeFragment ? HugeFragment : ArgumentFragment))
            yield return $$$"""{"tool_calls":[{"index":{{{at}}},"function":{"arguments":{{{Json.Text(piece)}}}}}]}""";
    }

    private string Thinking(string piece) => answer.Vendor.Reasoning switch
    {
        ReasoningStyle.Reasoning => $$"""{"reasoning":{{Json.Text(piece)}}}""",
        ReasoningStyle.ThinkingParts => $$"""{"content":[{{ChatAnswer.ThinkingPart(piece)}}]}""",
        _ => $$"""{"reasoning_content":{{Json.Text(piece)}}}""",
    };

    private StreamEvent Chunk(Part part, int choice, string delta, string finish = "null", string extra = "") => new(part,
        $$"""
        data: {{_head}}"choices":[{"index":{{ChatAnswer.Number(choice)}},"delta":{{delta}},"logprobs":null,"finish_reason":{{finish}}}]{{_usageNull}}{{extra}}{{ChatAnswer.Unknown}}}


        """);

    private string VendorId() => answer.Vendor.UsageInVendorField ? $$""","x_groq":{"id":{{Json.Text(answer.Id)}}}""" : "";

    private string VendorUsage() => answer.Vendor.UsageInVendorField && !answer.Exchange.Fault.NoUsage
        ? $$""","x_groq":{"id":{{Json.Text(answer.Id)}},"usage":{{answer.Usage()}}}"""
        : "";
}
