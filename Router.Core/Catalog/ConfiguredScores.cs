using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Router.Core.Catalog;

/// <summary>
/// The operator's scores, <c>Router:Scores:{provider/model}:intelligence|math|coding</c>; a bare model name counts for every
/// provider that hosts it. They stand over the catalog's own.
/// </summary>
public sealed class ConfiguredScores(FrozenDictionary<string, CatalogScores> scores)
{
    private const string Section = "Router:Scores";

    public static ConfiguredScores None { get; } = new(FrozenDictionary<string, CatalogScores>.Empty);

    /// <exception cref="InvalidOperationException">A score is no number, or no score is called so.</exception>
    public static ConfiguredScores Load(IConfiguration configuration) =>
        new(configuration.GetSection(Section).GetChildren().ToFrozenDictionary(model => model.Key, Read, StringComparer.OrdinalIgnoreCase));

    public CatalogScores Of(string provider, string model, CatalogScores? catalog)
    {
        CatalogScores found = scores.GetValueOrDefault($"{provider}/{model}", CatalogScores.None);
        string bare = model[(model.LastIndexOf('/') + 1)..];
        return found.Over(scores.GetValueOrDefault(bare)).Over(catalog);
    }

    private static CatalogScores Read(IConfigurationSection model)
    {
        var read = new CatalogScores();
        foreach (IConfigurationSection score in model.GetChildren())
        {
            if (!double.TryParse(score.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
            {
                throw new InvalidOperationException($"{score.Path} is not a number.");
            }

            read = score.Key.ToLowerInvariant() switch
            {
                "intelligence" => read with { Intelligence = value },
                "math" => read with { Math = value },
                "coding" => read with { Coding = value },
                _ => throw new InvalidOperationException($"{score.Path} is no score: there are intelligence, math and coding."),
            };
        }

        return read;
    }
}
