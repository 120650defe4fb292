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

    [JsonInclude, JsonPropertyName("status")]
    public string? Status { get; internal set; }

    /// <summary>In an operator's file: the model is taken out.</summary>
    [JsonInclude, JsonPropertyName("disabled")]
    public bool Disabled { get; internal set; }

    /// <summary>The last part of the provider's name for it: what callers call it who do not care where it runs.</summary>
    [JsonIgnore]
    public string BareName => UpstreamModel[(UpstreamModel.LastIndexOf('/') + 1)..];

    /// <summary>What a token in and a token out cost together; models without a price come last.</summary>
    [JsonIgnore]
    public decimal PriceRank => Prices is { } prices ? prices.Input + prices.Output : decimal.MaxValue;
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

    [JsonInclude, JsonPropertyName("cache_write")]
    public decimal? CacheWrite { get; internal set; }
}
