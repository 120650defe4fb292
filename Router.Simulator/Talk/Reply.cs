namespace Router.Simulator.Talk;

internal enum Finish
{
    Stop,
    StopSequence,
    Length,
    ToolCalls,
    Refusal,
}

internal sealed record ToolCall(string Id, string Name, string Arguments);

/// <summary>The simulated model's answer, before a dialect writes it.</summary>
internal sealed record Reply
{
    /// <summary>The text in the pieces a stream sends.</summary>
    public IReadOnlyList<string> Pieces { get; init; } = [];
    public string Text => string.Concat(Pieces);
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];
    public string? Refusal { get; init; }
    public string? Reasoning { get; init; }
    public Finish Finish { get; init; }
    public string? StopSequence { get; init; }
    public int PromptTokens { get; init; }
    public int CachedTokens { get; init; }
    public int CompletionTokens { get; init; }
    public int ReasoningTokens { get; init; }
}
