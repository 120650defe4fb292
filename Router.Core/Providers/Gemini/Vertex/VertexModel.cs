using Router.Core.Failures;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>Whose model it is; each publisher's speak a wire dialect of their own.</summary>
internal enum VertexPublisher
{
    Google,
    Anthropic,

    /// <summary>The others, behind one OpenAI-compatible endpoint.</summary>
    Open,
}

/// <summary>A model's name on Vertex: <c>gemini-…</c>, <c>claude-…</c>, or <c>publisher/model</c>.</summary>
/// <param name="Id">As the publisher's endpoint wants it.</param>
internal sealed record VertexModel(VertexPublisher Publisher, string Id)
{
    /// <exception cref="RouterException">The name holds what may not enter a URL.</exception>
    public static VertexModel Of(string name)
    {
        string[] parts = name.Split('/');
        VertexModel? model = parts switch
        {
            [var id] when id.StartsWith("claude-", StringComparison.Ordinal) => new(VertexPublisher.Anthropic, id),
            [var id] => new(VertexPublisher.Google, id),
            ["google", var id] => new(VertexPublisher.Google, id),
            ["anthropic", var id] => new(VertexPublisher.Anthropic, id),
            [_, _] => new(VertexPublisher.Open, name),
            _ => null,
        };
        return model is not null && parts.All(GeminiModel.IsSegment)
            ? model
            : throw new RouterException(RouterError.ModelNotFound(name, "On Vertex AI a model is 'gemini-…', 'claude-…' or 'publisher/model'."));
    }
}
