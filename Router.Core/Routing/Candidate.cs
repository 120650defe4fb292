using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>A route under consideration, with everything its rank depends on read once.</summary>
internal sealed class Candidate
{
    /// <param name="name"><c>provider/model</c>.</param>
    /// <param name="hosted">Null for a model the catalog does not list.</param>
    public Candidate(Provider provider, string model, string name, HostedModel? hosted)
    {
        Provider = provider;
        Model = model;
        Name = name;
        Hosted = hosted;
    }

    public Candidate(HostedModel hosted)
        : this(hosted.Provider, hosted.Model.UpstreamModel, hosted.Name, hosted)
    {
    }

    public Provider Provider { get; }

    public string Model { get; }

    public string Name { get; }

    public HostedModel? Hosted { get; }

    public decimal? Price => Hosted?.Model.BlendedPrice;

    public CatalogScores Scores { get; set; } = CatalogScores.None;

    public RouteMeasurement Measured { get; set; }

    /// <summary>Place of its provider in <c>provider.order</c>; <see cref="int.MaxValue"/> when it is not named.</summary>
    public int Preference { get; set; } = int.MaxValue;

    /// <summary>Its keys, in the order they are tried, with their health; empty when no key may serve.</summary>
    public RouteKeys Keys { get; set; } = RouteKeys.None;

    public double? Value(SortCriterion criterion) => criterion switch
    {
        SortCriterion.Price => (double?)Price,
        SortCriterion.Latency => Measured.Latency?.TotalSeconds,
        SortCriterion.Throughput => -Measured.Throughput,
        SortCriterion.Intelligence => -Scores.Intelligence,
        SortCriterion.Math => -Scores.Math,
        _ => -Scores.Coding,
    };
}
