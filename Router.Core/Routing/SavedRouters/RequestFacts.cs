using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>What a request says that conditions and templates may read.</summary>
public sealed record RequestFacts
{
    /// <summary>The model as the request names it.</summary>
    public required string Model { get; init; }

    public string? User { get; init; }

    public bool Stream { get; init; }

    /// <summary>Objects; null where the request has none.</summary>
    public JsonElement? Metadata { get; init; }

    public JsonElement? PromptVariables { get; init; }

    /// <summary>The messages, in OpenAI's shape.</summary>
    public required ReadOnlyMemory<byte> Messages { get; init; }

    /// <summary>The tools, in OpenAI's shape; null where the request has none.</summary>
    public ReadOnlyMemory<byte>? Tools { get; init; }
}
