using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>A message that stands before a request's own.</summary>
/// <param name="Content">Its text; null where it has parts, or is all tool calls.</param>
/// <param name="Items">The texts of its parts, where it has parts.</param>
public sealed record MessageTemplate(string Role, TemplateText? Content, ImmutableArray<TemplateText> Items)
{
    public ImmutableArray<TemplateToolCall> ToolCalls { get; init; } = [];

    /// <summary>The call a tool's message answers.</summary>
    public string? ToolCallId { get; init; }

    public ImmutableArray<KeyValuePair<string, JsonElement>> Kept { get; init; } = [];
}

/// <param name="Arguments">A JSON text, as models write it.</param>
public sealed record TemplateToolCall(string Id, string Name, string Arguments);
