using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Router.Core.Providers;

namespace Router.Core.Catalog;

/// <summary>The models this router knows, immutable. A model that is not here can still be asked for as provider/model.</summary>
public sealed class ModelCatalog
{
    private readonly FrozenDictionary<string, CatalogModel> _byId;
    private readonly FrozenDictionary<string, ImmutableArray<HostedModel>> _byName;
    private readonly FrozenDictionary<string, HostedModel> _hosted;
    private readonly FrozenDictionary<string, ImmutableArray<HostedModel>> _byProvider;

    public ModelCatalog(IEnumerable<CatalogModel> models, ProviderRegistry providers, ConfiguredScores? scores = null)
    {
        Scores = scores ?? ConfiguredScores.None;
        // Providers this build does not know cannot be called, so their models are no use here.
        string[] order = [.. providers.Slugs];
        All = [.. models.Where(model => order.Contains(model.Provider)).OrderBy(model => Array.IndexOf(order, model.Provider))];
        _byId = All.ToFrozenDictionary(model => $"{model.Provider}/{model.UpstreamModel}", StringComparer.OrdinalIgnoreCase);
        Hosted = [.. All.Select((model, place) => new HostedModel(providers, Array.IndexOf(order, model.Provider), model, place, Scores.Of(model.Provider, model.UpstreamModel, model.Scores)))];
        _hosted = Hosted.ToFrozenDictionary(hosted => hosted.Name, StringComparer.OrdinalIgnoreCase);
        _byProvider = Hosted.GroupBy(hosted => hosted.Provider.Slug).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal);
        _byName = Hosted
            .SelectMany(hosted => new[] { hosted.Model.UpstreamModel, hosted.Model.BareName }.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => (name, hosted)))
            .GroupBy(pair => pair.name, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(group => group.Key, group => group.Select(pair => pair.hosted).ToImmutableArray(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The operator's, for models that are not listed too.</summary>
    public ConfiguredScores Scores { get; }

    /// <summary>In the order of the provider table.</summary>
    public ImmutableArray<CatalogModel> All { get; }

    /// <summary><see cref="All"/> with what routing needs of each, worked out once.</summary>
    public ImmutableArray<HostedModel> Hosted { get; }

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

        return new ModelCatalog(models.Values.Where(model => !model.Disabled), providers, ConfiguredScores.Load(configuration));
    }

    /// <summary>By provider/model; null when it is not listed.</summary>
    public CatalogModel? Find(string qualified) => _byId.GetValueOrDefault(qualified);

    /// <summary>Every provider's model of that name, in the order of the provider table.</summary>
    public ImmutableArray<HostedModel> Named(string bare) => _byName.GetValueOrDefault(bare, []);

    /// <summary>By provider/model; null when it is not listed.</summary>
    public HostedModel? FindHosted(string qualified) => _hosted.GetValueOrDefault(qualified);

    /// <summary>A provider's models.</summary>
    /// <param name="slug">Not an alias.</param>
    public ImmutableArray<HostedModel> Of(string slug) => _byProvider.GetValueOrDefault(slug, []);

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
