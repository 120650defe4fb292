using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>
/// Holds back what comes before the first content (text, tool call, refusal, reasoning), so that a stream that fails
/// until then can still be served by another attempt. A finish reason ends the hold too: an empty answer is an answer.
/// With <c>commit: complete</c> everything is held until the stream has ended well, up to <see cref="AttemptLimits.HeldBytes"/>.
/// </summary>
public sealed class FirstContentChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    /// <summary>More than any provider sends before it starts. Some send empty chunks as a sign of life: those past this are dropped.</summary>
    private const int MostHeldBeforeContent = 1_000;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        bool complete = options is RouterChatOptions { Request.Options.Fallback.CommitComplete: true };
        Attempt? attempt = (options as RouterChatOptions)?.Attempt;
        long most = attempt?.HeldBytes ?? AttemptLimits.Default.HeldBytes;
        bool begun = false;
        long heldBytes = 0;
        List<ChatResponseUpdate>? held = [];
        await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            begun |= HasContent(update);
            if (begun)
            {
                attempt?.Clock.Progress();
            }

            if (held is null)
            {
                yield return update;
                continue;
            }

            bool starts = Starts(update);
            if (!begun && !starts && held.Count >= MostHeldBeforeContent)
            {
                continue;
            }

            held.Add(update);
            heldBytes += HeldSize.Of(update);
            if (heldBytes > most && !(starts && !complete))
            {
                // Another attempt would most likely answer at the same length.
                throw complete
                    ? new RouterException(RouterError.AnswerTooLarge(most))
                    : new ProviderException(FailureClass.Transient, "The provider sent more than is allowed before its answer began.");
            }

            if (starts && !complete)
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
