namespace Router.Core.Providers.OpenAI;

/// <summary>What a request's messages have, one or another of them, that providers of this dialect take differently.</summary>
[Flags]
public enum MessageMarks
{
    None = 0,

    /// <summary>A message of the role <c>developer</c>.</summary>
    Developer = 1,

    /// <summary>What an assistant thought: <c>reasoning</c>, <c>reasoning_content</c> or <c>thinking_blocks</c>.</summary>
    Reasoning = 2,

    /// <summary>Calls of tools, or answers to them.</summary>
    ToolCalls = 4,

    /// <summary>Nobody looked.</summary>
    Unknown = Developer | Reasoning | ToolCalls,
}
