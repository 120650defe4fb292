using System.Text.Json.Nodes;

namespace Router.Simulator.Talk;

internal enum ToolMode
{
    Auto,
    None,
    Required,
}

internal sealed record OfferedTool(string Name, JsonNode? Schema);

/// <summary>What a request of any dialect asks for, as far as the simulated model cares.</summary>
internal sealed record Prompt
{
    public required string Model { get; init; }
    public string LastUser { get; init; } = "";

    /// <summary>Results of tools, when they are the last thing said.</summary>
    public IReadOnlyList<string> ToolResults { get; init; } = [];
    public IReadOnlyList<OfferedTool> Tools { get; init; } = [];
    public ToolMode ToolMode { get; init; }

    /// <summary>The one tool that must be called.</summary>
    public string? NamedTool { get; init; }
    public bool Parallel { get; init; } = true;
    public int? MaxTokens { get; init; }
    public IReadOnlyList<string> Stops { get; init; } = [];
    public JsonObject? Schema { get; init; }
    public bool JsonMode { get; init; }
    public bool Reasons { get; init; }
    public int Characters { get; init; }
}
