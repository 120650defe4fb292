using System.Text.Json;
using System.Text.Json.Serialization;

namespace Router.Core.Catalog;

/// <summary>
/// Price tiers by model, kept beside the catalog: its source has one flat price a model. They hold for the embedded prices alone; an
/// operator's entry brings its own.
/// </summary>
internal sealed class PriceRules(IReadOnlyList<PriceRule> rules)
{
    public static PriceRules Embedded()
    {
        using Stream stream = typeof(PriceRules).Assembly.GetManifestResourceStream("price-tiers.json")!;
        return new PriceRules(JsonSerializer.Deserialize(stream, CatalogJsonContext.Default.PriceRulesDocument)!.Rules);
    }

    /// <summary>All that are said of the model, in the order they are listed in.</summary>
    public IReadOnlyList<PriceTier> Of(string id) => [.. rules.Where(rule => rule.Models.Any(pattern => Matches(pattern, id))).SelectMany(rule => rule.Tiers)];

    /// <summary>A star at the end stands for any rest.</summary>
    private static bool Matches(string pattern, string id) =>
        pattern.EndsWith('*') ? id.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : id == pattern;
}

/// <param name="Source">Where it is said.</param>
internal sealed record PriceRule(
    [property: JsonPropertyName("models")] IReadOnlyList<string> Models,
    [property: JsonPropertyName("tiers")] IReadOnlyList<PriceTier> Tiers,
    [property: JsonPropertyName("source")] string Source);

internal sealed record PriceRulesDocument([property: JsonPropertyName("rules")] IReadOnlyList<PriceRule> Rules);
