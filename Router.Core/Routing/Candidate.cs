using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>A route under consideration, with everything its rank depends on read once.</summary>
internal sealed class Candidate
{
    private CandidateRanks _ranks;

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

    /// <summary>What it ranks by, criterion for criterion: less is better, infinity is not known. Set by <see cref="RankBy"/>.</summary>
    public ref readonly CandidateRanks Ranks => ref _ranks;

    public void RankBy(ImmutableArray<SortCriterion> criteria)
    {
        for (int i = 0; i < criteria.Length; i++)
        {
            _ranks[i] = Value(criteria[i]) ?? double.PositiveInfinity;
        }
    }

    private double? Value(SortCriterion criterion) => criterion switch
    {
        SortCriterion.Price => (double?)Price,
        SortCriterion.Latency => Measured.Latency?.TotalSeconds,
        SortCriterion.Throughput => -Measured.Throughput,
        SortCriterion.Intelligence => -Scores.Intelligence,
        SortCriterion.Math => -Scores.Math,
        _ => -Scores.Coding,
    };
}

/// <summary>One value for each criterion there can be; requests name each at most once.</summary>
[InlineArray(6)]
internal struct CandidateRanks
{
    private double _first;
}
