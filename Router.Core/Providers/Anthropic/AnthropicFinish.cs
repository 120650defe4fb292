using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Router.Core.Providers.Anthropic;

/// <summary>Why an answer ended, in OpenAI's words.</summary>
internal static class AnthropicFinish
{
    public static ChatFinishReason Of(string reason, bool byTool) => reason switch
    {
        "tool_use" when !byTool => ChatFinishReason.ToolCalls,
        "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
        "refusal" => ChatFinishReason.ContentFilter,
        _ => ChatFinishReason.Stop,
    };

    /// <summary>The refusal as content; null when the answer is none.</summary>
    public static ErrorContent? Refusal(string? reason, JsonElement details)
    {
        if (reason != "refusal")
        {
            return null;
        }

        string? category = details.ValueKind == JsonValueKind.Object && details.TryGetProperty("category", out JsonElement named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        return new ErrorContent(category is null ? "The model refused to answer." : $"The model refused to answer ({category}).") { ErrorCode = "refusal" };
    }
}
