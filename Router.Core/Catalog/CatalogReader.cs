using System.Text.Json;
using System.Text.Json.Serialization;
using Router.Core.Wire;

namespace Router.Core.Catalog;

/// <summary>Reads a catalog: the embedded one, or an operator's file of the same shape.</summary>
public static class CatalogReader
{
    /// <summary>The models of the embedded catalog, with the price tiers it has no place for.</summary>
    public static IReadOnlyList<CatalogModel> Embedded()
    {
        using Stream stream = typeof(CatalogReader).Assembly.GetManifestResourceStream("model-catalog.json")!;
        IReadOnlyList<CatalogModel> models = Read(stream, "the embedded catalog");
        PriceRules rules = PriceRules.Embedded();
        foreach (CatalogModel model in models)
        {
            if (model.Prices is { } prices && rules.Of(model.Id) is { Count: > 0 } tiers)
            {
                prices.Tiers = [.. prices.Tiers, .. tiers];
            }
        }

        return models;
    }

    /// <exception cref="InvalidDataException">The catalog is unusable; every problem is named.</exception>
    public static IReadOnlyList<CatalogModel> Read(Stream stream, string what)
    {
        CatalogDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(stream, CatalogJsonContext.Default.CatalogDocument);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{what} is not a model catalog: {e.Message}", e);
        }

        IReadOnlyList<CatalogModel> models = document?.Models ?? throw new InvalidDataException($"{what} has no list of models.");
        string[] problems = [.. models.SelectMany(Problems), .. models.GroupBy(model => model.Id).Where(group => group.Count() > 1).Select(group => $"{group.Key} is listed twice")];
        return problems.Length == 0 ? models : throw new InvalidDataException($"{what} is unusable: {string.Join("; ", problems)}.");
    }

    private static IEnumerable<string> Problems(CatalogModel model)
    {
        string name = model.Id.Length > 0 ? model.Id : "an entry";
        if (model.Id.Length == 0)
        {
            yield return "an entry has no id";
        }

        if (model.Disabled)
        {
            yield break;
        }

        if (model.Provider.Length == 0 || model.UpstreamModel.Length == 0)
        {
            yield return $"{name} names no provider or no upstream_model";
        }

        if (model.ContextLength < 0 || model.MaxOutputTokens < 0)
        {
            yield return $"{name} has a negative number of tokens";
        }

        if (model.Prices is { } prices && (prices.Input < 0 || prices.Output < 0 || prices.CacheRead < 0 || prices.CacheWrite < 0
            || prices.CacheWriteLong < 0 || prices.InputAudio < 0 || prices.OutputAudio < 0 || prices.Tiers.Any(tier => tier.IsNegative)))
        {
            yield return $"{name} has a negative price";
        }
    }
}

internal sealed record CatalogDocument([property: JsonPropertyName("models")] IReadOnlyList<CatalogModel>? Models);

[JsonSourceGenerationOptions(MaxDepth = JsonDepth.Most)]
[JsonSerializable(typeof(CatalogDocument))]
[JsonSerializable(typeof(PriceRulesDocument))]
internal sealed partial class CatalogJsonContext : JsonSerializerContext;
