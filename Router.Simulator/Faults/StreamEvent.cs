namespace Router.Simulator.Faults;

internal enum Part
{
    /// <summary>Comes before any content: a role chunk, message_start.</summary>
    Head,
    Content,

    /// <summary>Frames content without being any: the end of one block, the start of the next.</summary>
    Between,

    /// <summary>Comes after the content: finish reason, usage, end mark.</summary>
    Tail,
}

/// <summary>One server-sent event as it crosses the wire, blank line included.</summary>
internal readonly record struct StreamEvent(Part Part, string Text)
{
    public static StreamEvent Data(Part part, string json) => new(part, $"data: {json}\n\n");

    public static StreamEvent Named(Part part, string name, string json) => new(part, $"event: {name}\ndata: {json}\n\n");
}
