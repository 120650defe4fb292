namespace Router.Core.Providers.Gemini;

/// <summary>What the provider's finish reasons mean.</summary>
internal static class GeminiFinish
{
    /// <summary>The answer, or the rest of it, is withheld.</summary>
    public static bool IsBlock(string? reason) => reason is "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "LANGUAGE"
        or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" or "MODEL_ARMOR";

    /// <summary>The model produced something that is no answer; an empty "stop" would hide that.</summary>
    public static bool IsModelsFault(string reason) => reason is "MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" or "TOO_MANY_TOOL_CALLS";

    /// <summary>Why a prompt was blocked, as Google's own clients know it (BlockedReason); what else stands there is foreign text and is not shown.</summary>
    public static string OfPrompt(string reason) => IsBlock(reason) || reason is "JAILBREAK" ? reason : "OTHER";
}
