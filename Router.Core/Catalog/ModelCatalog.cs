using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Router.Core.Providers;

namespace Router.Core.Catalog;

/// <summary>The models this router knows, immutable. A model that is not here can still be asked for as provider/model.</summary>
public sealed class ModelCatalog
{
    private readonly FrozenDictionary<string, CatalogModel> _byId;
    private readonly FrozenDictionary<string, ImmutableArray<CatalogModel>> _byName;

    public ModelCatalog(IEnumerable<CatalogModel> models, ProviderRegistry providers)
    {
        // Providers this build does not know cannot be called, so their models are no use here.
        string[] order = [.. providers.Slugs];
        All = [.. models.Where(model => order.Contains(model.Provider)).OrderBy(model => Array.IndexOf(order, model.Provider))];
        _byId = All.ToFrozenDictionary(model => $"{model.Provider}/{model.UpstreamModel}", StringComparer.OrdinalIgnoreCase);
        _byName = All
            .SelectMany(model => new[] { model.UpstreamModel, model.BareName }.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => (name, model)))
            .GroupBy(pair => pair.name, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(group => group.Key, group => group.Select(pair => pair.model).ToImmutableArray(), StringComparer.OrdinalIgnoreCase);
    }

    public ImmutableArray<CatalogModel> All { get; }

    /// <summary>The embedded catalog with the operator's file over it.</summary>
    public static ModelCatalog Load(IConfiguration configuration, ProviderRegistry providers)
    {
        var models = CatalogReader.Embedded().ToDictionary(model => model.Id, StringComparer.Ordinal);
        if (configuration["Router:Catalog:File"] is { Length: > 0 } path)
        {
            using FileStream file = File.OpenRead(path);
            foreach (CatalogModel model in CatalogReader.Read(file, path))
            {
                models[model.Id] = model;
            }
        }

        return new ModelCatalog(models.Values.Where(model => !model.Disabled), providers);
    }

    /// <summary>By provider/model; null when it is not listed.</summary>
    public CatalogModel? Find(string qualified) => _byId.GetValueOrDefault(qualified);

    /// <summary>Every provider's model of that name, in the order of the provider table.</summary>
    public ImmutableArray<CatalogModel> Named(string bare) => _byName.GetValueOrDefault(bare, []);

    /// <summary>Names that look like it, for an error that helps.</summary>
    public IEnumerable<string> Like(string bare) => All
        .Select(model => model.BareName)
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .Where(name => name.Contains(bare, StringComparison.OrdinalIgnoreCase) || bare.Contains(name, StringComparison.OrdinalIgnoreCase) || SharedStart(name, bare) >= 5)
        .OrderByDescending(name => SharedStart(name, bare))
        .ThenBy(name => Math.Abs(name.Length - bare.Length))
        .Take(3);

    private static int SharedStart(string a, string b)
    {
        int i = 0;
        while (i < a.Length && i < b.Length && char.ToLowerInvariant(a[i]) == char.ToLowerInvariant(b[i]))
        {
            i++;
        }

        return i;
    }
}
