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
        return new ErrorContent(IsCategory(category) ? $"The model refused to answer ({category})." : "The model refused to answer.") { ErrorCode = "refusal" };
    }

    /// <summary>Those that Anthropic's own clients know (RefusalStopDetails); what else stands there is foreign text and is not shown.</summary>
    private static bool IsCategory(string? text) => text is "cyber" or "bio" or "frontier_llm" or "reasoning_extraction" or "general_harms";
}
