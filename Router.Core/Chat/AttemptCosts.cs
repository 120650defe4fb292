using Microsoft.Extensions.AI;
using Router.Core.Catalog;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>What one upstream request used and cost.</summary>
/// <param name="Tokens">Null where nothing can have been billed.</param>
/// <param name="Estimated">The provider sent no usage: the counts are the router's guess.</param>
/// <param name="ListPrice">USD at the catalog's prices; null for a model without.</param>
/// <param name="Charge">USD the workspace owes.</param>
public readonly record struct AttemptCost(TokenCounts? Tokens, bool Estimated, decimal? ListPrice, decimal? Charge);

/// <summary>Prices upstream requests from what the provider counted, or from a guess where it may have billed without a count.</summary>
public sealed class AttemptCosts(ModelCatalog catalog)
{
    /// <summary>What a token of a prompt is taken to be long, where the provider does not say how many there were.</summary>
    private const int BytesPerToken = 4;

    /// <param name="usage">As the provider counted; null when it did not.</param>
    /// <param name="refused">The provider answered with an error status: nothing is billed.</param>
    public AttemptCost Of(RouteRequest request, AttemptRecord attempt, UsageDetails? usage, bool refused)
    {
        (TokenCounts? tokens, bool estimated) = usage is not null ? (Count(usage), false)
            : refused || !attempt.Sent ? ((TokenCounts?)null, false)
            // A piece of a stream is about a token.
            : (new TokenCounts(request.PromptBytes / BytesPerToken, 0, 0, attempt.Pieces, 0), true);
        decimal? price = tokens is { } counts ? TokenCost.ListPrice(catalog.Find(attempt.Entry.QualifiedModel)?.Prices, counts) : null;
        return new(tokens, estimated, price, TokenCost.Charge(price, attempt.Entry.Credential.Type == CredentialType.Byok, request.Workspace.Policy.ByokFeePercent));
    }

    private static TokenCounts Count(UsageDetails usage) => new(
        Sane(usage.InputTokenCount),
        Sane(usage.CachedInputTokenCount),
        Sane(usage.AdditionalCounts?.GetValueOrDefault("cache_creation_input_tokens")),
        Sane(usage.OutputTokenCount),
        Sane(usage.ReasoningTokenCount));

    /// <summary>A provider's count is not trusted to be one: no less than none, and no more than can be multiplied by a price.</summary>
    private static long Sane(long? tokens) => Math.Clamp(tokens ?? 0, 0, 1_000_000_000_000);
}
