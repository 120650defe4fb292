using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Chat;

/// <summary>
/// Holds back what comes before the first content (text, tool call, refusal, reasoning), so that a stream that fails
/// until then can still be served by another attempt. A finish reason ends the hold too: an empty answer is an answer.
/// With <c>commit: complete</c> everything is held until the stream has ended well, up to <see cref="AttemptLimits.HeldBytes"/>; where all
/// streams together hold too much, this one goes out as if it had not been asked for.
/// </summary>
internal sealed class HeldUpdates(RouteRequest request, long mostBytes, HeldMemory memory) : IDisposable
{
    /// <summary>Room is taken in pieces of this size.</summary>
    private const long Piece = 64 * 1024;


    /// <summary>More than any provider sends before it starts. Some send empty chunks as a sign of life: those past this are dropped.</summary>
    private const int MostBeforeContent = 1_000;

    private readonly List<ChatResponseUpdate> _held = [];
    private bool _complete = request.Options.Fallback.CommitComplete;
    private bool _begun;
    private long _bytes;
    private long _taken;

    /// <summary>Keeps the update. True when all that is held may go out.</summary>
    /// <exception cref="ProviderException">The provider sent more than is allowed before its answer began.</exception>
    /// <exception cref="RouterException">The whole answer was asked for at once, and it is larger than may be held.</exception>
    public bool Add(ChatResponseUpdate update)
    {
        bool content = HasContent(update);
        _begun |= content;
        bool starts = content || HasFinish(update);
        if (!_begun && !starts && _held.Count >= MostBeforeContent)
        {
            return false;
        }

        _held.Add(update);
        _bytes += HeldSize.Of(update);
        if (_complete && !HasRoom())
        {
            _complete = false;
            request.Warnings.Add("The answer was not held to its end, as there was no memory left for more held answers: what fails after its beginning is told in the stream.");
        }

        if (_bytes > mostBytes && !(starts && !_complete))
        {
            // Another attempt would most likely answer at the same length.
            throw _complete
                ? new RouterException(RouterError.AnswerTooLarge(mostBytes))
                : new ProviderException(FailureClass.Transient, "The provider sent more than is allowed before its answer began.");
        }

        return (starts || _begun) && !_complete;
    }

    /// <summary>What was held is held no more.</summary>
    public void Dispose()
    {
        memory.Return(request.Workspace.Id, _taken);
        _taken = 0;
    }

    private bool HasRoom()
    {
        if (_bytes <= _taken)
        {
            return true;
        }

        long more = (_bytes - _taken + Piece - 1) / Piece * Piece;
        if (!memory.TryTake(request.Workspace.Id, more))
        {
            return false;
        }

        _taken += more;
        return true;
    }

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<ChatResponseUpdate> All => _held;

    /// <summary>Whether the update carries something a user could see or act on.</summary>
    internal static bool HasContent(ChatResponseUpdate update)
    {
        if (update.RawRepresentation is WireChunk chunk)
        {
            return chunk.HasContent;
        }

        IList<AIContent> contents = update.Contents;
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not (TextContent { Text: "" } or UsageContent))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the update says how the answer ends.</summary>
    internal static bool HasFinish(ChatResponseUpdate update) =>
        update.RawRepresentation is WireChunk chunk ? chunk.HasFinish : update.FinishReason is not null;
}
