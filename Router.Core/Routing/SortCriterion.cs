using System.Collections.Immutable;

namespace Router.Core.Routing;

/// <summary>What routes are ranked by.</summary>
public enum SortCriterion
{
    /// <summary>Blended list price, lowest first.</summary>
    Price,

    /// <summary>Measured time to first token, shortest first.</summary>
    Latency,

    /// <summary>Measured output tokens per second, most first.</summary>
    Throughput,

    /// <summary>Score, highest first.</summary>
    Intelligence,

    /// <summary>Score, highest first.</summary>
    Math,

    /// <summary>Score, highest first.</summary>
    Coding,
}

/// <summary>The criteria as requests name them.</summary>
public static class SortCriteria
{
    /// <summary>What is measured decides; where nothing is, the price.</summary>
    public static ImmutableArray<SortCriterion> Default { get; } = [SortCriterion.Latency, SortCriterion.Price];

    public static ImmutableArray<string> Names { get; } = [.. Enum.GetValues<SortCriterion>().Select(Name)];

    public static string Name(SortCriterion criterion) => criterion switch
    {
        SortCriterion.Price => "price",
        SortCriterion.Latency => "latency",
        SortCriterion.Throughput => "throughput",
        SortCriterion.Intelligence => "intelligence",
        SortCriterion.Math => "math",
        _ => "coding",
    };

    /// <summary>Null for any other text.</summary>
    public static SortCriterion? Parse(string name) => Names.IndexOf(name) is >= 0 and int index ? (SortCriterion)index : null;
}
