using Microsoft.Extensions.AI;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Wire;

namespace Router.Api.Dialects;

/// <summary>
/// What one request has used of its token limits: the provider's count where it gave one, else an estimate of four
/// characters a token for the question and, of a stream, a token for each chunk with content.
/// </summary>
internal sealed class TokenTally(RateLimiter limiter, Workspace workspace, RouterKey? key)
{
    private const int CharactersPerToken = 4;

    private long? _counted;
    private long _estimated;

    public static TokenTally? For(RateLimiter limiter, Workspace workspace, RouterKey? key) =>
        limiter.CountsTokens(workspace, key) ? new(limiter, workspace, key) : null;

    public void Note(ChatResponse answer)
    {
        _counted = Sum(answer.Usage);
        _estimated = _counted is null ? (answer.Text.Length / CharactersPerToken) + 1 : 0;
    }

    public void Note(ChatResponseUpdate update)
    {
        if (update.RawRepresentation is WireChunk chunk)
        {
            if (chunk.HasUsage)
            {
                _counted = Counted(update) ?? _counted;
            }

            _estimated += chunk.HasContent ? 1 : 0;
            return;
        }

        _counted = Counted(update) ?? _counted;
        _estimated += (update.Text.Length + CharactersPerToken - 1) / CharactersPerToken;
    }

    /// <summary>Charges once the answer ended, however it did. A request that no provider worked on costs nothing.</summary>
    /// <param name="left">The caller left before the end: the provider was at work on the question.</param>
    public void Charge(RouteRequest request, IEnumerable<ChatMessage> question, bool left)
    {
        bool worked = _estimated > 0 || (left && request.UpstreamRequests > 0);
        limiter.Charge(workspace, key, _counted ?? (worked ? _estimated + Estimate(question) : 0));
    }

    private static long Estimate(IEnumerable<ChatMessage> messages) => messages.Sum(message => (long)message.Text.Length) / CharactersPerToken;

    private static long? Counted(ChatResponseUpdate update) => Sum(AttemptChatClient.Usage(update));

    private static long? Sum(UsageDetails? usage) =>
        usage is null || (usage.InputTokenCount is null && usage.OutputTokenCount is null && usage.TotalTokenCount is null) ? null
        : usage.InputTokenCount is null && usage.OutputTokenCount is null ? usage.TotalTokenCount
        : (usage.InputTokenCount ?? 0) + (usage.OutputTokenCount ?? 0);
}
