using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Providers;
using Router.Core.Routing.SavedRouters;
using Router.Core.Wire;

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

/// <summary>What a chat of the playground asks for.</summary>
/// <param name="Model">Any name a request may have: of a model, <c>auto</c>, or of a saved router.</param>
/// <param name="Variables">A JSON object that a saved router's conditions and templates read, as the request's <c>metadata</c>; empty: none.</param>
internal sealed record PlaygroundQuestion(string Model, bool OwnOnly, string Variables = "");

/// <summary>
/// Sends chats of the Studio for the workspace of the page: read as the request that a client of the API would send, and served by the
/// pipeline that serves those.
/// </summary>
internal sealed class Playground(IChatClient router, ChatRequestReader reader, ISnapshotSource snapshots, RateLimiter limiter, ModelCatalog catalog, ProviderRegistry providers)
{
    /// <summary>What requests call the workspace's saved routers by.</summary>
    public IEnumerable<string> SavedRouters(string workspaceId) =>
        snapshots.Current.Workspaces.TryGetValue(workspaceId, out var workspace) ? workspace.SavedRouters.Keys.Order(StringComparer.Ordinal).Select(name => $"router/{name}") : [];

    public static bool IsSavedRouter(string model) => RouterName.TryParseModel(model.Trim(), out _);

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
        string workspaceId, PlaygroundQuestion question, IEnumerable<PlaygroundTurn> history, PlaygroundTurn answer, [EnumeratorCancellation] CancellationToken cancellationToken)
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

        PlaygroundTurn[] said = [.. history.Where(turn => turn.Text.Length > 0)];
        if (Read(question, said, workspace, answer) is not { } chat)
            yield break;
        var request = chat.Options.Request;
        request.Stream = true;
        answer.Outcome = request;
        try
        {
            await using var updates = router.GetStreamingResponseAsync(chat.Messages, chat.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(updates, answer))
            {
                if (updates.Current.Text is { Length: > 0 } text)
                    yield return text;
            }
        }
        finally
        {
            // Its attempts have ended, and are counted.
            limiter.Charge(workspace, null, request.Tokens);
        }
    }

    /// <returns>Null for what is no request; why is put on the answer.</returns>
    private ChatRequest? Read(PlaygroundQuestion question, PlaygroundTurn[] said, Workspace workspace, PlaygroundTurn answer)
    {
        try
        {
            return reader.Read(Body(question, said), workspace);
        }
        catch (RouterException exception)
        {
            answer.Failure = exception.Error.Message;
        }
        catch (JsonException)
        {
            answer.Failure = "The variables are no JSON object. They look like {\"name\": \"value\"}.";
        }

        return null;
    }

    private static byte[] Body(PlaygroundQuestion question, PlaygroundTurn[] said) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("model", question.Model);
        writer.WriteBoolean("stream", true);
        if (question.OwnOnly)
            writer.WriteBoolean("byok_only", true);
        if (IsSavedRouter(question.Model) && !string.IsNullOrWhiteSpace(question.Variables))
        {
            using var variables = JsonDocument.Parse(question.Variables, JsonDepth.Document);
            if (variables.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException();
            writer.WritePropertyName("metadata");
            variables.RootElement.WriteTo(writer);
        }

        writer.WriteStartArray("messages");
        foreach (var turn in said)
        {
            writer.WriteStartObject();
            writer.WriteString("role", turn.Role);
            writer.WriteString("content", turn.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

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
