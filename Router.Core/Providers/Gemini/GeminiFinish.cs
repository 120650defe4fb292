namespace Router.Core.Providers.Gemini;

/// <summary>What the provider's finish reasons mean.</summary>
internal static class GeminiFinish
{
    /// <summary>The answer, or the rest of it, is withheld.</summary>
    public static bool IsBlock(string? reason) => reason is "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "LANGUAGE"
        or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" or "MODEL_ARMOR";

    /// <summary>The model produced something that is no answer; an empty "stop" would hide that.</summary>
    public static bool IsModelsFault(string reason) => reason is "MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" or "TOO_MANY_TOOL_CALLS";

    /// <summary>A word of the provider's, if it is one: words as people write them, which no key is made of.</summary>
    public static string Shown(string reason) =>
        reason.Length <= 40 && reason.All(c => char.IsAsciiLetterUpper(c) || c == '_') && Array.TrueForAll(reason.Split('_'), word => word.Length <= 14) ? reason : "unnamed";
}
