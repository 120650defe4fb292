namespace Router.Core.Catalog;

/// <summary>Tokens of one upstream request. Cached and written input is part of the input, reasoning part of the output.</summary>
/// <param name="CacheWrite">Written to the provider's cache, however long it is kept.</param>
public readonly record struct TokenCounts(long Input, long Cached, long CacheWrite, long Output, long Reasoning)
{
    /// <summary>Of those written, the ones that are kept for an hour or longer.</summary>
    public long CacheWriteLong { get; init; }

    /// <summary>Of the input.</summary>
    public long InputAudio { get; init; }

    /// <summary>Of the output.</summary>
    public long OutputAudio { get; init; }
}

/// <summary>A price, and which of the model's prices it is.</summary>
/// <param name="Usd">Null where none is known.</param>
/// <param name="Tier">The names of what applied, as <c>long_context+flex</c>; <see cref="TokenCost.Standard"/> where nothing special did.</param>
public readonly record struct TierPrice(decimal? Usd, string Tier);

/// <summary>What tokens cost at the catalog's prices, which are USD per million tokens. Pure, in decimals.</summary>
public static class TokenCost
{
    public const string Standard = "standard";

    /// <summary>Reading a cache costs its own price, or the input's where the catalog has none; so does writing one.</summary>
    /// <returns>Null for a model whose price is not known.</returns>
    public static decimal? ListPrice(CatalogPrices? prices, TokenCounts tokens) => Price(prices, tokens, null, DateTimeOffset.MinValue).Usd;

    /// <param name="serviceTier">As <see cref="ServiceTiers"/> has it; null for the standard one. A tier that the model has no price for is priced by nothing else.</param>
    public static TierPrice Price(CatalogPrices? prices, TokenCounts tokens, string? serviceTier, DateTimeOffset at)
    {
        if (prices is null || !HasPrice(prices, serviceTier))
        {
            return new(null, serviceTier ?? Standard);
        }

        var rates = TokenRates.Of(prices);
        string? names = null;
        foreach (PriceTier tier in prices.Tiers)
        {
            if (tier.Applies(tokens.Input, serviceTier, at))
            {
                rates = rates.With(tier);
                names = tier.Name is null || names?.Split('+').Contains(tier.Name) == true ? names
                    : names is null ? tier.Name
                    : $"{names}+{tier.Name}";
            }
        }

        return new(rates.Of(tokens), names ?? Standard);
    }

    /// <summary>The prices of a short request in the standard tier at that time.</summary>
    public static CatalogPrices Current(CatalogPrices prices, DateTimeOffset at)
    {
        if (prices.Tiers.Count == 0)
        {
            return prices;
        }

        var rates = TokenRates.Of(prices);
        foreach (PriceTier tier in prices.Tiers)
        {
            rates = tier.Applies(0, null, at) ? rates.With(tier) : rates;
        }

        return prices with { Input = rates.Input, Output = rates.Output, CacheRead = rates.CacheRead, CacheWrite = rates.CacheWrite };
    }

    public static bool HasPrice(CatalogPrices? prices, string? serviceTier)
    {
        if (prices is null || serviceTier is null)
        {
            return prices is not null;
        }

        foreach (PriceTier tier in prices.Tiers)
        {
            if (tier.ServiceTier == serviceTier)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the workspace owes: with its own key the fee, a percentage of the list price; else the list price.</summary>
    public static decimal? Charge(decimal? listPrice, bool ownKey, decimal feePercent) => ownKey ? listPrice * feePercent / 100 : listPrice;
}
