using Router.Core.Providers;

namespace Router.Core.Catalog;

/// <summary>A model of the catalog at its provider: what ranking and choosing ask of it, worked out when the catalog is made.</summary>
public sealed class HostedModel
{
    private readonly ProviderRegistry _providers;
    private readonly int _place;

    /// <param name="place">Its provider's among the registry's.</param>
    /// <param name="order">Its place in the catalog.</param>
    /// <param name="scores">The catalog's with the operator's over them.</param>
    public HostedModel(ProviderRegistry providers, int place, CatalogModel model, int order, CatalogScores scores)
    {
        _providers = providers;
        _place = place;
        Model = model;
        Order = order;
        Scores = scores;
        Name = $"{model.Provider}/{model.UpstreamModel}";
        Features = (model.OutputModalities.Contains("text") ? ModelFeatures.Text : 0)
            | (model.Capabilities.Tools ? ModelFeatures.Tools : 0)
            | (model.Capabilities.StructuredOutput ? ModelFeatures.ResponseSchema : 0)
            | (model.InputModalities.Contains("image") ? ModelFeatures.Images : 0)
            | (model.InputModalities.Contains("audio") ? ModelFeatures.Audio : 0)
            | (model.InputModalities.Contains("pdf") ? ModelFeatures.Documents : 0);
    }

    /// <summary>As it is now.</summary>
    public Provider Provider => _providers.All[_place];

    public CatalogModel Model { get; }

    public int Order { get; }

    public CatalogScores Scores { get; }

    /// <summary><c>provider/model</c>.</summary>
    public string Name { get; }

    public ModelFeatures Features { get; }

    /// <summary>On its way out, or no general chat model: taken when named one by one, not chosen.</summary>
    public bool OnlyWhenNamed => !Model.Auto || Model.Status == "deprecated";
}
