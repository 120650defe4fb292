namespace Router.Core.Catalog;

/// <summary>How urgently a provider served a request, in one vocabulary: what the price depends on.</summary>
public static class ServiceTiers
{
    public const string Flex = "flex";
    public const string Priority = "priority";
    public const string Batch = "batch";
    public const string Fast = "fast";

    /// <summary>Paid for by the hour.</summary>
    public const string Provisioned = "provisioned";

    /// <summary>A provider's word for it; null for the standard tier, and for a word that says nothing of the price.</summary>
    public static string? Of(string? word) => word switch
    {
        "flex" or "FLEX" or "ON_DEMAND_FLEX" => Flex,
        "priority" or "PRIORITY" or "ON_DEMAND_PRIORITY" => Priority,
        "batch" or "BATCH" => Batch,
        "fast" or "FAST" => Fast,
        "scale" or "PROVISIONED_THROUGHPUT" => Provisioned,
        _ => null,
    };
}
