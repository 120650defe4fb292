using System.Diagnostics.Metrics;

namespace Router.Core.Telemetry;

/// <summary>Instruments of usage records on their way to Postgres.</summary>
public static class UsageTelemetry
{
    /// <summary>Must stay 0: each is an upstream request nobody can be billed for.</summary>
    public static Counter<long> Dropped { get; } = RouterTelemetry.Meter.CreateCounter<long>(
        "router.usage.dropped", "{record}", "Usage records lost because the queue or the spool was full.");

    public static Counter<long> Written { get; } = RouterTelemetry.Meter.CreateCounter<long>(
        "router.usage.written", "{record}", "Usage records written to Postgres.");

    public static Counter<long> Spooled { get; } = RouterTelemetry.Meter.CreateCounter<long>(
        "router.usage.spooled", "{record}", "Usage records put aside on disk because Postgres did not take them.");

    public static Histogram<double> FlushDuration { get; } = RouterTelemetry.Meter.CreateHistogram<double>(
        "router.usage.flush.duration", "s", "Time to write a batch of usage records to Postgres.");

    /// <summary>
    /// Shows the counters at 0, once metrics are collected. An alert compares a counter with what it was: of one that is first seen
    /// after a burst of losses it knows no other value, and says nothing.
    /// </summary>
    public static void ShowZero()
    {
        Dropped.Add(0);
        Written.Add(0);
        Spooled.Add(0);
    }

    /// <summary>Observes how many records wait in memory.</summary>
    public static void ObserveDepth(Func<int> depth) => RouterTelemetry.Meter.CreateObservableGauge(
        "router.usage.queue.depth", depth, "{record}", "Usage records waiting in memory.");
}
