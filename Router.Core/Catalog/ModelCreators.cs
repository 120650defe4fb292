using System.Collections.Immutable;

namespace Router.Core.Catalog;

/// <summary>Who made a model, told by the beginning of its own name. The catalog's source does not say.</summary>
public static class ModelCreators
{
    private static readonly ImmutableArray<(string Start, string Creator)> Table =
    [
        ("gpt-", "OpenAI"), ("o1", "OpenAI"), ("o3", "OpenAI"), ("o4", "OpenAI"), ("text-embedding", "OpenAI"), ("chatgpt", "OpenAI"), ("codex", "OpenAI"), ("whisper", "OpenAI"),
        ("claude", "Anthropic"),
        ("gemini", "Google"), ("gemma", "Google"),
        ("llama", "Meta"), ("meta-llama", "Meta"),
        ("mistral", "Mistral AI"), ("mixtral", "Mistral AI"), ("codestral", "Mistral AI"), ("devstral", "Mistral AI"), ("magistral", "Mistral AI"), ("ministral", "Mistral AI"), ("pixtral", "Mistral AI"), ("open-mi", "Mistral AI"),
        ("grok", "xAI"),
        ("deepseek", "DeepSeek"),
        ("qwen", "Alibaba"), ("qwq", "Alibaba"),
        ("kimi", "Moonshot AI"),
        ("glm", "Z.AI"), ("zai", "Z.AI"),
        ("minimax", "MiniMax"),
        ("nemotron", "NVIDIA"),
        ("compound", "Groq"),
    ];

    /// <summary>Falls back to the display name of the provider that serves it.</summary>
    public static string Of(CatalogModel model, string provider)
    {
        foreach ((string start, string creator) in Table)
        {
            if (model.BareName.StartsWith(start, StringComparison.OrdinalIgnoreCase) || model.Family?.StartsWith(start, StringComparison.OrdinalIgnoreCase) == true)
            {
                return creator;
            }
        }

        return provider;
    }
}
