using Router.Core.Catalog;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>What one upstream request used and cost.</summary>
/// <param name="Tokens">Null where nothing can have been billed.</param>
/// <param name="Estimated">The provider sent no usage, or not all of it: the counts are the router's guess.</param>
/// <param name="ListPrice">USD at the catalog's prices; null for a model or a service tier without.</param>
/// <param name="Charge">USD the workspace owes.</param>
/// <param name="Tier">Which of the model's prices it is (<see cref="TierPrice"/>); null where nothing can have been billed.</param>
public readonly record struct AttemptCost(TokenCounts? Tokens, bool Estimated, decimal? ListPrice, decimal? Charge, string? Tier = null)
{
    /// <summary>Something may have been billed, and nobody knows how much.</summary>
    public bool IsUnpriced => Tokens is not null && ListPrice is null;
}

/// <summary>Prices upstream requests by what they used.</summary>
public sealed class AttemptCosts(ModelCatalog catalog)
{
    public AttemptCost Of(RouteRequest request, AttemptRecord attempt) => Of(request, attempt, attempt.Tokens);

    /// <param name="tokens">What it used, or has used so far.</param>
    internal AttemptCost Of(RouteRequest request, AttemptRecord attempt, AttemptTokens? tokens)
    {
        if (tokens is not { } used)
        {
            return default;
        }

        TierPrice price = TokenCost.Price(PricesOf(attempt.Entry), used.Counts, used.ServiceTier, attempt.StartedAt);
        decimal? charge = TokenCost.Charge(price.Usd, attempt.Entry.Credential.Type == CredentialType.Byok, request.Workspace.Policy.ByokFeePercent);
        return new(used.Counts, used.Estimated, price.Usd, charge, price.Tier);
    }

    /// <summary>Tells the caller where the operator's key paid an amount that nobody knows.</summary>
    internal void Warn(RouteRequest request, AttemptRecord attempt)
    {
        if (attempt is { Tokens: { } used, Entry: { Credential.Type: CredentialType.System } entry } && !TokenCost.HasPrice(PricesOf(entry), used.ServiceTier))
        {
            request.Warnings.Add($"No price of {entry.QualifiedModel}{(used.ServiceTier is { } tier ? $" in its {tier} tier" : "")} is known: what this cost the operator's key is not counted.");
        }
    }

    private CatalogPrices? PricesOf(PlanEntry entry) => (entry.Hosted?.Model ?? catalog.Find(entry.QualifiedModel))?.Prices;
}
