namespace Router.Core.Catalog;

/// <summary>Tokens of one upstream request. Cached input is part of the input, reasoning part of the output.</summary>
public readonly record struct TokenCounts(long Input, long Cached, long CacheWrite, long Output, long Reasoning);

/// <summary>What tokens cost at the catalog's prices, which are USD per million tokens. Pure, in decimals.</summary>
public static class TokenCost
{
    private const decimal Million = 1_000_000;

    /// <summary>Reading a cache costs its own price, or the input's where the catalog has none; so does writing one.</summary>
    /// <returns>Null for a model whose price is not known.</returns>
    public static decimal? ListPrice(CatalogPrices? prices, TokenCounts tokens)
    {
        if (prices is null)
            return null;
        var cached = Math.Clamp(tokens.Cached, 0, tokens.Input);
        var written = Math.Clamp(tokens.CacheWrite, 0, tokens.Input - cached);
        return (((tokens.Input - cached - written) * prices.Input)
            + (cached * (prices.CacheRead ?? prices.Input))
            + (written * (prices.CacheWrite ?? prices.Input))
            + (tokens.Output * prices.Output)) / Million;
    }

    /// <summary>What the workspace owes: with its own key the fee, a percentage of the list price; else the list price.</summary>
    public static decimal? Charge(decimal? listPrice, bool ownKey, decimal feePercent) => ownKey ? listPrice * feePercent / 100 : listPrice;
}
