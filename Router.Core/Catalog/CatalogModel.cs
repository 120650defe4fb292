using System.Text.Json.Serialization;

namespace Router.Core.Catalog;

/// <summary>
/// One model at one provider; never changed once read (setters are for the reader: generated code would set absent init-only
/// members to null). Prices are USD per million tokens, as their source states them.
/// </summary>
public sealed record CatalogModel
{
    [JsonInclude, JsonPropertyName("id")]
    public string Id { get; internal set; } = "";

    [JsonInclude, JsonPropertyName("provider")]
    public string Provider { get; internal set; } = "";

    /// <summary>The name the provider knows it by; may hold slashes.</summary>
    [JsonInclude, JsonPropertyName("upstream_model")]
    public string UpstreamModel { get; internal set; } = "";

    [JsonInclude, JsonPropertyName("name")]
    public string Name { get; internal set; } = "";

    [JsonInclude, JsonPropertyName("family")]
    public string? Family { get; internal set; }

    [JsonInclude, JsonPropertyName("release_date")]
    public string? ReleaseDate { get; internal set; }

    [JsonInclude, JsonPropertyName("context_length")]
    public long ContextLength { get; internal set; }

    [JsonInclude, JsonPropertyName("max_output_tokens")]
    public long MaxOutputTokens { get; internal set; }

    [JsonInclude, JsonPropertyName("input_modalities")]
    public IReadOnlyList<string> InputModalities { get; internal set; } = [];

    [JsonInclude, JsonPropertyName("output_modalities")]
    public IReadOnlyList<string> OutputModalities { get; internal set; } = [];

    [JsonInclude, JsonPropertyName("capabilities")]
    public CatalogCapabilities Capabilities { get; internal set; } = new();

    /// <summary>Null when the source names none.</summary>
    [JsonInclude, JsonPropertyName("pricing_usd_per_million_tokens")]
    public CatalogPrices? Prices { get; internal set; }

    /// <summary>How well it does, where someone says so.</summary>
    [JsonInclude, JsonPropertyName("scores")]
    public CatalogScores? Scores { get; internal set; }

    [JsonInclude, JsonPropertyName("status")]
    public string? Status { get; internal set; }

    /// <summary>What it is where it is no model to chat with, such as <c>embedding</c>; null otherwise.</summary>
    [JsonInclude, JsonPropertyName("kind")]
    public string? Kind { get; internal set; }

    /// <summary>False: no model to chat with in general, or not at this endpoint. It serves when it is named, and is not chosen.</summary>
    [JsonInclude, JsonPropertyName("auto")]
    public bool Auto { get; internal set; } = true;

    /// <summary>In an operator's file: the model is taken out.</summary>
    [JsonInclude, JsonPropertyName("disabled")]
    public bool Disabled { get; internal set; }

    /// <summary>The last part of the provider's name for it: what callers call it who do not care where it runs.</summary>
    [JsonIgnore]
    public string BareName => UpstreamModel[(UpstreamModel.LastIndexOf('/') + 1)..];

    /// <summary>What a short request in the standard tier costs at that time; null when no price is known.</summary>
    public CatalogPrices? PricesAt(DateTimeOffset at) => Prices is { } prices ? TokenCost.Current(prices, at) : null;

    /// <summary>
    /// One price to rank by, USD per million tokens: three tokens in for one out, about what chats have. Null when no price is known.
    /// </summary>
    [JsonIgnore]
    public decimal? BlendedPrice => Prices is { } prices ? ((3 * prices.Input) + prices.Output) / 4 : null;
}

public sealed record CatalogCapabilities
{
    [JsonInclude, JsonPropertyName("tools")]
    public bool Tools { get; internal set; }

    [JsonInclude, JsonPropertyName("reasoning")]
    public bool Reasoning { get; internal set; }

    [JsonInclude, JsonPropertyName("structured_output")]
    public bool StructuredOutput { get; internal set; }

    [JsonInclude, JsonPropertyName("temperature")]
    public bool Temperature { get; internal set; }

    [JsonInclude, JsonPropertyName("attachments")]
    public bool Attachments { get; internal set; }
}

public sealed record CatalogPrices
{
    [JsonInclude, JsonPropertyName("input")]
    public decimal Input { get; internal set; }

    [JsonInclude, JsonPropertyName("output")]
    public decimal Output { get; internal set; }

    [JsonInclude, JsonPropertyName("cache_read")]
    public decimal? CacheRead { get; internal set; }

    /// <summary>Of what the provider keeps for minutes.</summary>
    [JsonInclude, JsonPropertyName("cache_write")]
    public decimal? CacheWrite { get; internal set; }

    /// <summary>Of what it keeps for an hour or longer.</summary>
    [JsonInclude, JsonPropertyName("cache_write_1h")]
    public decimal? CacheWriteLong { get; internal set; }

    [JsonInclude, JsonPropertyName("input_audio")]
    public decimal? InputAudio { get; internal set; }

    [JsonInclude, JsonPropertyName("output_audio")]
    public decimal? OutputAudio { get; internal set; }

    /// <summary>What else it may cost, in the order in which it applies. Empty: one price for all.</summary>
    [JsonInclude, JsonPropertyName("tiers")]
    public IReadOnlyList<PriceTier> Tiers { get; internal set; } = [];
}

/// <summary>Scores of a model, higher is better; on whatever scale their source has, as long as all models have the same.</summary>
public sealed record CatalogScores
{
    [JsonInclude, JsonPropertyName("intelligence")]
    public double? Intelligence { get; internal set; }

    [JsonInclude, JsonPropertyName("math")]
    public double? Math { get; internal set; }

    [JsonInclude, JsonPropertyName("coding")]
    public double? Coding { get; internal set; }

    public static CatalogScores None { get; } = new();

    /// <summary>These, and where they say nothing, the others.</summary>
    public CatalogScores Over(CatalogScores? other) =>
        new() { Intelligence = Intelligence ?? other?.Intelligence, Math = Math ?? other?.Math, Coding = Coding ?? other?.Coding };
}
