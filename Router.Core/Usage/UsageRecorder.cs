using System.Diagnostics;
using Microsoft.Extensions.AI;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Routing;

namespace Router.Core.Usage;

/// <summary>Makes a record of every upstream request of a request that has ended, and puts it in the queue.</summary>
public sealed class UsageRecorder(UsageQueue queue, ModelCatalog catalog) : IRequestObserver
{
    /// <summary>What a token of a prompt is taken to be long, where the provider does not say how many there were.</summary>
    private const int BytesPerToken = 4;

    public void Ended(RouteRequest request)
    {
        var number = 0;
        foreach (var attempt in request.Attempts)
        {
            if (!attempt.Skipped)
                queue.Add(Record(request, attempt, ++number));
        }
    }

    internal UsageRecord Record(RouteRequest request, AttemptRecord attempt, int number)
    {
        var credential = attempt.Entry.Credential;
        var ownKey = credential.Type == CredentialType.Byok;
        var (tokens, estimated) = Tokens(request, attempt);
        var price = tokens is { } counts ? UsageCost.ListPrice(catalog.Find(attempt.Entry.QualifiedModel)?.Prices, counts) : null;
        return new UsageRecord(
            Guid.CreateVersion7(attempt.StartedAt),
            attempt.StartedAt,
            request.Workspace.Id,
            request.RouterKeyId,
            Guid.Parse(request.GenerationId),
            number,
            Activity.Current?.TraceId.ToHexString(),
            attempt.Entry.Provider.Slug,
            attempt.Entry.Model,
            attempt.ResponseModel,
            ownKey ? "byok" : "system",
            credential.Source,
            credential.Fingerprint,
            request.Stream,
            attempt.Success ? "success" : attempt.Cancelled ? "cancelled" : attempt.Error is { } error ? FailureConsequences.Code(error.Failure) : "unknown",
            attempt.Error?.Status,
            (long)attempt.Duration.TotalMilliseconds,
            (long?)attempt.TimeToFirstToken?.TotalMilliseconds,
            tokens?.Input,
            tokens?.Cached,
            tokens?.Output,
            tokens?.Reasoning,
            estimated,
            price,
            UsageCost.Charge(price, ownKey, request.Workspace.Policy.ByokFeePercent));
    }

    /// <summary>
    /// As the provider counted; else a guess, where it may have billed: not where it refused or was never asked. A piece of a stream is about a token.
    /// </summary>
    private static (TokenCounts? Tokens, bool Estimated) Tokens(RouteRequest request, AttemptRecord attempt)
    {
        if (attempt.Usage is { } usage)
            return (Count(usage), false);
        if (attempt.Error is { Status: >= 400 } || !attempt.Sent)
            return (null, false);
        return (new TokenCounts(request.PromptBytes / BytesPerToken, 0, 0, attempt.Pieces, 0), true);
    }

    private static TokenCounts Count(UsageDetails usage) => new(
        usage.InputTokenCount ?? 0,
        usage.CachedInputTokenCount ?? 0,
        usage.AdditionalCounts?.GetValueOrDefault("cache_creation_input_tokens") ?? 0,
        usage.OutputTokenCount ?? 0,
        usage.ReasoningTokenCount ?? 0);
}
