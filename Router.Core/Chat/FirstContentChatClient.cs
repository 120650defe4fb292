using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>
/// Holds back what comes before the first content (text, tool call, refusal, reasoning), so that a stream that fails
/// until then can still be served by another attempt. A finish reason ends the hold too: an empty answer is an answer.
/// With <c>commit: complete</c> everything is held until the stream has ended well.
/// </summary>
public sealed class FirstContentChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    /// <summary>More than any provider sends before it starts; a stream of nothing but empty chunks ends here.</summary>
    private const int MostHeld = 1_000;

    private const long MostHeldBytes = 64 * 1024 * 1024;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        bool complete = options is RouterChatOptions { Request.Options.Fallback.CommitComplete: true };
        AttemptClock? clock = (options as RouterChatOptions)?.Attempt?.Clock;
        bool begun = false;
        long heldBytes = 0;
        List<ChatResponseUpdate>? held = [];
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            begun |= HasContent(update);
            if (begun)
            {
                clock?.Progress();
            }

            if (held is null)
            {
                yield return update;
                continue;
            }

            held.Add(update);
            heldBytes += (update.RawRepresentation as WireChunk)?.Body.Text.Length ?? update.Text.Length;
            if (heldBytes > MostHeldBytes)
            {
                throw new ProviderException(FailureClass.Transient, "The provider's answer is larger than can be held back.");
            }

            if (!complete && (Starts(update) || held.Count == MostHeld))
            {
                foreach (ChatResponseUpdate early in held)
                {
                    yield return early;
                }

                held = null;
            }
        }

        foreach (ChatResponseUpdate early in held ?? [])
        {
            yield return early;
        }
    }

    /// <summary>Whether the update carries something a user could see or act on.</summary>
    internal static bool HasContent(ChatResponseUpdate update) =>
        update.RawRepresentation is WireChunk chunk
            ? chunk.HasContent
            : update.Contents.Any(content => content is not (TextContent { Text: "" } or UsageContent));

    private static bool Starts(ChatResponseUpdate update) =>
        HasContent(update) || (update.RawRepresentation is WireChunk chunk ? chunk.HasFinish : update.FinishReason is not null);
}
