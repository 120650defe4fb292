namespace Router.Core.Catalog;

/// <summary>What each kind of token costs, USD per million. What is null has no price of its own.</summary>
internal readonly record struct TokenRates(
    decimal Input, decimal Output, decimal? CacheRead, decimal? CacheWrite, decimal? CacheWriteLong, decimal? InputAudio, decimal? OutputAudio)
{
    /// <summary>What is kept for an hour costs twice the input where what is kept for minutes costs a quarter more.</summary>
    private const decimal LongToShort = 1.6m;

    public static TokenRates Of(CatalogPrices prices) => new(
        prices.Input, prices.Output, prices.CacheRead, prices.CacheWrite, prices.CacheWriteLong ?? (prices.CacheWrite * LongToShort), prices.InputAudio, prices.OutputAudio);

    public TokenRates With(PriceTier tier)
    {
        decimal input = tier.InputFactor ?? 1;
        decimal output = tier.OutputFactor ?? 1;
        return new TokenRates(
            (tier.Input ?? Input) * input,
            (tier.Output ?? Output) * output,
            (tier.CacheRead ?? CacheRead) * input,
            (tier.CacheWrite ?? CacheWrite) * input,
            (tier.CacheWriteLong ?? (tier.CacheWrite * LongToShort) ?? CacheWriteLong) * input,
            (tier.InputAudio ?? InputAudio) * input,
            (tier.OutputAudio ?? OutputAudio) * output);
    }

    /// <summary>USD. Counts that say more than the whole are cut to it.</summary>
    public decimal Of(TokenCounts tokens)
    {
        long cached = Math.Clamp(tokens.Cached, 0, tokens.Input);
        long written = Math.Clamp(tokens.CacheWrite, 0, tokens.Input - cached);
        long kept = Math.Clamp(tokens.CacheWriteLong, 0, written);
        long heard = Math.Clamp(tokens.InputAudio, 0, tokens.Input - cached - written);
        long spoken = Math.Clamp(tokens.OutputAudio, 0, tokens.Output);
        return (((tokens.Input - cached - written - heard) * Input)
            + (cached * (CacheRead ?? Input))
            + ((written - kept) * (CacheWrite ?? Input))
            + (kept * (CacheWriteLong ?? Input))
            + (heard * (InputAudio ?? Input))
            + ((tokens.Output - spoken) * Output)
            + (spoken * (OutputAudio ?? Output))) / 1_000_000;
    }
}
