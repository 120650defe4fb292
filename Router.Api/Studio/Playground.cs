using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Router.Api.Dialects;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Api.Studio;

/// <summary>One message of the playground's conversation, and for an answer what became of it.</summary>
public sealed class PlaygroundTurn(string role, string text = "")
{
    private readonly StringBuilder _text = new(text);

    public string Role { get; } = role;

    public string Text => _text.ToString();

    /// <summary>Why there is no whole answer, for a person.</summary>
    public string? Failure { get; set; }

    /// <summary>What the router did for it; set once it has ended.</summary>
    public RouteRequest? Outcome { get; set; }

    public void Append(string text) => _text.Append(text);
}

/// <summary>Sends chats of the Studio through the same pipeline that serves the API, for the workspace of the page.</summary>
internal sealed class Playground(IChatClient router, ISnapshotSource snapshots, RateLimiter limiter, ModelCatalog catalog, ProviderRegistry providers)
{
    /// <summary>A model to begin with: the newest of a provider the workspace has a key for, else of one with an operator's key.</summary>
    public string Suggest(string workspaceId)
    {
        var own = snapshots.Current.Workspaces.TryGetValue(workspaceId, out var workspace) ? workspace.ProviderKeys.Keys : [];
        var talkers = catalog.All.Where(model => model.OutputModalities.Contains("text") && model.Status != "deprecated").OrderByDescending(model => model.ReleaseDate, StringComparer.Ordinal);
        var model = talkers.FirstOrDefault(model => own.Contains(model.Provider))
            ?? talkers.FirstOrDefault(model => providers.TryFind(model.Provider, out var provider) && provider.SystemCredential is not null);
        return model is null ? "" : $"{model.Provider}/{model.UpstreamModel}";
    }

    /// <summary>The answer's text as it comes, within the limits of the workspace. A failure is put on the turn; it is not thrown.</summary>
    public async IAsyncEnumerable<string> StreamAsync(
        string workspaceId, string model, bool ownOnly, IEnumerable<PlaygroundTurn> history, PlaygroundTurn answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!snapshots.Current.Workspaces.TryGetValue(workspaceId, out var workspace))
        {
            answer.Failure = "There is no such workspace any more.";
            yield break;
        }

        if ((await limiter.AdmitAsync(workspace, null, cancellationToken)).RefusedBy is { } refusal)
        {
            answer.Failure = LimitHeaders.Error(refusal).Message;
            yield break;
        }

        var request = new RouteRequest { Workspace = workspace, Model = model, Options = RouterOptions.None with { ByokOnly = ownOnly }, Stream = true };
        answer.Outcome = request;
        var messages = history.Where(turn => turn.Text.Length > 0).Select(turn => new ChatMessage(turn.Role == "user" ? ChatRole.User : ChatRole.Assistant, turn.Text)).ToList();
        request.PromptBytes = messages.Sum(message => Encoding.UTF8.GetByteCount(message.Text));
        var tally = TokenTally.For(limiter, workspace, null);
        await using var updates = router.GetStreamingResponseAsync(messages, new RouterChatOptions(request) { ModelId = model }, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await NextAsync(updates, answer))
            {
                tally?.Note(updates.Current);
                if (updates.Current.Text is { Length: > 0 } text)
                    yield return text;
            }
        }
        finally
        {
            tally?.Charge(request, messages, cancellationToken.IsCancellationRequested);
        }
    }

    /// <returns>False at the end, and where it failed.</returns>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, PlaygroundTurn answer)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (RouterException exception)
        {
            answer.Failure = exception.Error.Message;
        }
        catch (ProviderException exception)
        {
            answer.Failure = exception.Message;
        }

        return false;
    }
}
