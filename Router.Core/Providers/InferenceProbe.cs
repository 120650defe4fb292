using System.Collections.Frozen;
using Microsoft.Extensions.AI;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Routing;

namespace Router.Core.Providers;

/// <summary>
/// Asks a provider for one token with a key. Listing models proves that a key is known; only an answer proves that its account
/// may be billed and that the key may call models. Costs a fraction of a cent, so it is asked when a person saves or checks
/// a key, when one failed a request, and when only an answer can lift what is held against it.
/// </summary>
public sealed class InferenceProbe(ProviderRegistry providers, IProviderClients clients, ModelCatalog catalog, AttemptCosts costs, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly Workspace Nobody = new("probe", "Probe", WorkspacePolicy.Default, FrozenDictionary<string, ProviderKey>.Empty);

    private static readonly ChatMessage[] Question = [new(ChatRole.User, "Hi")];

    /// <summary>How many models are asked for before a key counts as one that may call none. A refusal costs nothing.</summary>
    private const int MostModels = 3;

    /// <summary>What the key check found, made sharper by an answer or a refusal. What proves nothing changes nothing.</summary>
    /// <param name="mayAsk">Asked before each call: a stored key that was replaced or deleted meanwhile is sent no more. Null: nothing is stored.</param>
    public async Task<KeyCheckResult> SharpenAsync(ProviderDefinition provider, Secret key, KeyCheckResult found, CancellationToken cancellationToken, Func<CancellationToken, Task<bool>>? mayAsk = null)
    {
        // A refusal of the check may be about the check alone: keys can be made that call models and list none.
        var mayNotList = found is { Outcome: KeyCheckOutcome.Limited or KeyCheckOutcome.Invalid, Quota: false, UpstreamStatus: 403 }
            or { Outcome: KeyCheckOutcome.Limited, Quota: false, UpstreamStatus: 401 };
        if ((found.Outcome != KeyCheckOutcome.Valid && !mayNotList) || !providers.TryFind(provider.Slug, out var target))
            return found;
        var refused = new List<string>();
        foreach (var model in Cheapest(provider.Slug))
        {
            if (mayAsk is not null && !await mayAsk(cancellationToken).ConfigureAwait(false))
                return found;
            var (answered, failure) = await AskAsync(target, model, key, cancellationToken).ConfigureAwait(false);
            if (answered)
                return mayNotList ? new(KeyCheckOutcome.Valid, $"{provider.DisplayName} accepts the key for model calls, though not for listing models.") : found;
            if (failure is not { Failure: FailureClass.ModelAccess })
                return Refused(provider, failure, mayNotList) ?? found;
            refused.Add(model);
        }

        return refused.Count == 0 || mayNotList ? found : new(
            KeyCheckOutcome.Limited,
            $"{provider.DisplayName} knows the key, but it lacks the permission to call models: {string.Join(", ", refused)} were refused. Give it that permission, or save it all the same for the models it may call.",
            UpstreamStatus: 403);
    }

    private static KeyCheckResult? Refused(ProviderDefinition provider, ProviderException? failure, bool mayNotList) => failure switch
    {
        { Failure: FailureClass.Quota } => new(
            KeyCheckOutcome.Limited, $"{provider.DisplayName} knows the key, but its account has no credit or no active billing. Add credit or a payment method there.", UpstreamStatus: failure.Status, Quota: true),
        { Failure: FailureClass.Credential } when !mayNotList => new(
            KeyCheckOutcome.Limited, $"{provider.DisplayName} knows the key, but it lacks the permission to call models. Give it that permission.", UpstreamStatus: failure.Status),
        { Failure: FailureClass.RateLimit } when !mayNotList => new(
            KeyCheckOutcome.RateLimited, $"{provider.DisplayName} asks the key to slow down; it is accepted otherwise.", failure.RetryAfter, failure.Status),
        _ => null,
    };

    private async Task<(bool Answered, ProviderException? Failure)> AskAsync(Provider provider, string model, Secret key, CancellationToken cancellationToken)
    {
        var entry = new PlanEntry(0, provider, model, new Credential("probe", CredentialType.Byok, "probe", "", key), HealthVerdict.Good);
        using var clock = new AttemptClock(AttemptLimits.Default with { Header = Limit, Total = Limit }, DateTimeOffset.MaxValue, time, cancellationToken);
        var attempt = new Attempt(entry, 1, key, new AttemptRecord(entry), clock);
        var options = new RouterChatOptions(new RouteRequest { Workspace = Nobody, Model = entry.QualifiedModel })
        {
            ModelId = model,
            MaxOutputTokens = 1,
            Attempt = attempt,
        };
        using AttemptSpan? span = AttemptSpan.Start(options, attempt, stream: false);
        try
        {
            ChatResponse response = await clients.For(provider).GetResponseAsync(Question, options, clock.Token).ConfigureAwait(false);
            (attempt.Record.Success, attempt.Record.Usage) = (true, response.Usage);
            span?.Answered(response);
            // Any text may be an answer; one that neither ended nor was counted is not a model's.
            return (response.FinishReason is not null || response.Usage is not null, null);
        }
        catch (ProviderException failure)
        {
            attempt.Record.Error = new AttemptError(failure.Failure, failure.Status, failure.Message);
            span?.Failed(failure);
            return (false, failure);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or System.Text.Json.JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            span?.Failed(e);
            return (false, null);
        }
        catch (Exception e)
        {
            span?.Failed(e);
            throw;
        }
        finally
        {
            attempt.Record.Tokens = AttemptTokens.Of(options.Request, attempt.Record, Question, null);
            span?.Ended(costs);
        }
    }

    /// <summary>A model that thinks may spend more than one token before it says so.</summary>
    private IEnumerable<string> Cheapest(string slug) => catalog.All
        .Where(model => model.Provider == slug && model.Status != "deprecated" && model.OutputModalities.Contains("text") && model.InputModalities.Contains("text"))
        .OrderBy(model => model.Capabilities.Reasoning)
        .ThenBy(model => model.BlendedPrice)
        .Select(model => model.UpstreamModel)
        .Take(MostModels);
}
