using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.Anthropic;

/// <summary>Why an answer ended, in OpenAI's words.</summary>
internal static class AnthropicFinish
{
    /// <summary>The reason of an answer that is a refusal.</summary>
    public const string Refused = "refusal";

    public static ChatFinishReason Of(string reason, bool byTool) => reason switch
    {
        "tool_use" when !byTool => ChatFinishReason.ToolCalls,
        "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
        Refused => ChatFinishReason.ContentFilter,
        _ => ChatFinishReason.Stop,
    };

    /// <summary>The refusal as content.</summary>
    /// <param name="details">Undefined, or whatever the provider said of it.</param>
    public static ErrorContent Refusal(JsonElement details)
    {
        string? category = details.ValueKind == JsonValueKind.Object && details.TryGetProperty("category", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        return new ErrorContent(category is null || !IsWord(category) ? "The model refused to answer." : $"The model refused to answer ({category}).") { ErrorCode = "refusal" };
    }

    /// <summary>A name of the provider's, if it is one: words as people write them, which no key is made of.</summary>
    private static bool IsWord(string category) =>
        category.Length <= 40 && category.All(c => char.IsAsciiLetterLower(c) || c is '_' or '-') && Array.TrueForAll(category.Split('_', '-'), word => word.Length <= 14);
}
