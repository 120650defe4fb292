namespace Router.Core.Health;

/// <summary>What is known of a route now. Null: not measured, or too long ago.</summary>
/// <param name="Latency">Time to the first content of a stream.</param>
/// <param name="Throughput">Output tokens per second, over whole attempts.</param>
/// <param name="Failing">Most of its recent attempts failed for a reason of the provider's own.</param>
public readonly record struct RouteMeasurement(TimeSpan? Latency, double? Throughput, bool Failing)
{
    public static RouteMeasurement None { get; }
}
