using System.Text.Json.Serialization;

namespace Router.Core.Catalog;

/// <summary>
/// What a model costs under a condition: above so many tokens, in a service tier, in a time. Where all its conditions hold, its prices
/// stand in for those before it and its factors multiply them.
/// </summary>
public sealed record PriceTier
{
    /// <summary>What a receipt calls it; null where it is simply the price.</summary>
    [JsonInclude, JsonPropertyName("name")]
    public string? Name { get; internal set; }

    /// <summary>Of requests with more input tokens than this, cached ones included; the whole of them.</summary>
    [JsonInclude, JsonPropertyName("above_input_tokens")]
    public long? AboveInputTokens { get; internal set; }

    /// <summary>Of what was served in this tier, in the words of <see cref="ServiceTiers"/>.</summary>
    [JsonInclude, JsonPropertyName("service_tier")]
    public string? ServiceTier { get; internal set; }

    /// <summary>From the beginning of this day, UTC.</summary>
    [JsonInclude, JsonPropertyName("from")]
    public DateOnly? From { get; internal set; }

    /// <summary>To the end of this day, UTC.</summary>
    [JsonInclude, JsonPropertyName("until")]
    public DateOnly? Until { get; internal set; }

    /// <summary>Of all that goes in: fresh, cached, written to a cache, audio.</summary>
    [JsonInclude, JsonPropertyName("input_factor")]
    public decimal? InputFactor { get; internal set; }

    [JsonInclude, JsonPropertyName("output_factor")]
    public decimal? OutputFactor { get; internal set; }

    [JsonInclude, JsonPropertyName("input")]
    public decimal? Input { get; internal set; }

    [JsonInclude, JsonPropertyName("output")]
    public decimal? Output { get; internal set; }

    [JsonInclude, JsonPropertyName("cache_read")]
    public decimal? CacheRead { get; internal set; }

    [JsonInclude, JsonPropertyName("cache_write")]
    public decimal? CacheWrite { get; internal set; }

    [JsonInclude, JsonPropertyName("cache_write_1h")]
    public decimal? CacheWriteLong { get; internal set; }

    [JsonInclude, JsonPropertyName("input_audio")]
    public decimal? InputAudio { get; internal set; }

    [JsonInclude, JsonPropertyName("output_audio")]
    public decimal? OutputAudio { get; internal set; }

    internal bool IsNegative =>
        InputFactor < 0 || OutputFactor < 0 || Input < 0 || Output < 0 || CacheRead < 0 || CacheWrite < 0 || CacheWriteLong < 0 || InputAudio < 0 || OutputAudio < 0;

    internal bool IsIn(DateTimeOffset at) =>
        DateOnly.FromDateTime(at.UtcDateTime) is var day && !(day < From) && !(day > Until);

    internal bool Applies(long input, string? serviceTier, DateTimeOffset at) =>
        !(input <= AboveInputTokens) && (ServiceTier is null || ServiceTier == serviceTier) && IsIn(at);
}
