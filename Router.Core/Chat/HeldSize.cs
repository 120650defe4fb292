using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>About how much memory an update that is held back takes, in bytes.</summary>
internal static class HeldSize
{
    /// <summary>The objects around the contents.</summary>
    private const int Overhead = 512;

    public static long Of(ChatResponseUpdate update) =>
        Overhead + (update.RawRepresentation is WireChunk chunk ? chunk.Body.Text.Length : update.Contents.Sum(Of));

    private static long Of(AIContent content) => (sizeof(char) * content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent thought => thought.Text.Length + (thought.ProtectedData?.Length ?? 0),
        ErrorContent error => error.Message.Length,
        DataContent data => data.Data.Length,
        _ => 0L,
    }) + Properties(content);

    /// <summary>Pieces of a call's arguments, and signatures.</summary>
    private static long Properties(AIContent content) =>
        content.AdditionalProperties?.Values.Sum(value => value is string text ? (long)text.Length * sizeof(char) : 0) ?? 0;
}
