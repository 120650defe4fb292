using Router.Simulator.Faults;
using Router.Simulator.Talk;
using Router.Simulator.Wire;

namespace Router.Simulator.Anthropic;

/// <summary>The events of one message, in the order the vendor sends them.</summary>
internal sealed class MessagesStream(MessagesAnswer answer)
{
    private const int ArgumentFragment = 16;
    private const int HugeFragment = 4096;
    private int _index;

    public IEnumerable<StreamEvent> Events()
    {
        yield return Event(Part.Head, "message_start", $$""","message":{{answer.Envelope("", "null", answer.Usage(1))}}""");
        yield return Event(Part.Head, "ping", "");
        foreach (var next in Blocks())
            yield return next;
        var usage = answer.Usage(answer.Reply.CompletionTokens);
        yield return Event(Part.Tail, "message_delta",
            $$$""","delta":{"stop_reason":{{{Json.Text(answer.StopReason)}}},"stop_sequence":{{{Json.Text(answer.Reply.StopSequence)}}}{{{answer.StopDetails}}}}{{{usage}}}""");
        yield return Event(Part.Tail, "message_stop", "");
    }

    private IEnumerable<StreamEvent> Blocks()
    {
        var reply = answer.Reply;
        IEnumerable<StreamEvent> events = [];
        if (answer.Thought is { } thought)
        {
            events = events.Concat(Block("""{"type":"thinking","thinking":"","signature":""}""",
                Tokens.SplitWords(thought).Select(p => ("thinking", p)).Append(("signature", answer.Signature))));
        }

        var pieces = reply.Refusal is { } refusal ? Tokens.SplitWords(refusal) : reply.Pieces;
        if (pieces.Count > 0)
        {
            events = events.Concat(Block("""{"type":"text","text":""}""",
                Enumerable.Repeat("", answer.Exchange.Fault.EmptyChunks).Concat(pieces).Select(p => ("text", p))));
        }

        foreach (var call in reply.ToolCalls)
        {
            var fragments = Tokens.Split(call.Arguments, call.Arguments.Length > HugeFragment ? HugeFragment : ArgumentFragment);
            events = events.Concat(Block($$$"""{"type":"tool_use","id":{{{Json.Text(call.Id)}}},"name":{{{Json.Text(call.Name)}}},"input":{}}""",
                fragments.Prepend("").Select(f => ("input_json", f))));
        }

        return events;
    }

    private IEnumerable<StreamEvent> Block(string start, IEnumerable<(string Kind, string Text)> deltas)
    {
        var at = $",\"index\":{MessagesAnswer.Number(_index)}";
        // The first block opens before any content; later ones are between contents.
        yield return Event(_index++ == 0 ? Part.Head : Part.Between, "content_block_start", $",\"content_block\":{start}", at);
        foreach (var (kind, text) in deltas)
        {
            var field = kind == "input_json" ? "partial_json" : kind;
            yield return Event(text.Length == 0 ? Part.Between : Part.Content, "content_block_delta",
                $$""","delta":{"type":"{{kind}}_delta","{{field}}":{{Json.Text(text)}}}""", at);
        }

        yield return Event(Part.Between, "content_block_stop", "", at);
    }

    private static StreamEvent Event(Part part, string name, string members, string index = "") =>
        StreamEvent.Named(part, name, $$"""{"type":"{{name}}"{{index}}{{members}}}""");
}
