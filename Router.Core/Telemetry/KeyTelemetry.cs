using System.Diagnostics.Metrics;

namespace Router.Core.Telemetry;

/// <summary>Tag and instrument names of key checks, health and the snapshot.</summary>
public static class KeyTelemetry
{
    public const string RecheckActivity = "recheck provider key";

    public const string Workspace = "router.workspace";
    public const string Provider = "gen_ai.provider.name";
    public const string Fingerprint = "router.credential.fingerprint";
    public const string CheckOutcome = "router.check.outcome";
    public const string StatusBefore = "router.credential.status.previous";
    public const string StatusAfter = "router.credential.status";

    /// <summary>Changes of a stored key's status, by provider and both statuses.</summary>
    public static Counter<long> Transitions { get; } = RouterTelemetry.Meter.CreateCounter<long>(
        "router.credential.transitions", "{transition}", "Changes of a stored provider key's status.");

    /// <summary>What a check was made for: <c>schedule</c>, <c>live_failure</c> or <c>person</c>.</summary>
    public const string CheckTrigger = "router.check.trigger";

    /// <summary>Checks of stored keys against their providers, by provider, outcome and trigger.</summary>
    public static Counter<long> Checks { get; } = RouterTelemetry.Meter.CreateCounter<long>(
        "router.credential.checks", "{check}", "Checks of stored provider keys against their providers.");

    /// <summary>How a change of the stored state reached this replica: its own write, Redis, Postgres, or the poll.</summary>
    public const string PropagationVia = "router.state.via";

    /// <summary>From the commit of a change to its being in force on this replica.</summary>
    public static Histogram<double> Propagation { get; } = RouterTelemetry.Meter.CreateHistogram(
        "router.state.propagation.duration",
        "s",
        "Time from the commit of a change of the stored state to its being in force on this replica.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30] });

    /// <summary>How long a replica takes to load and open the stored state.</summary>
    public static Histogram<double> SnapshotLoad { get; } = RouterTelemetry.Meter.CreateHistogram<double>(
        "router.snapshot.load.duration", "s", "Time to read the stored state and open its keys.");

    /// <summary>
    /// Observes what a replica serves from: how many stored keys it knows, by provider and status, and how long ago it last
    /// knew the stored state to be the current one.
    /// </summary>
    public static void ObserveSnapshot(Func<IEnumerable<Measurement<int>>> credentials, Func<IEnumerable<Measurement<double>>> age)
    {
        RouterTelemetry.Meter.CreateObservableGauge("router.credentials", credentials, "{credential}", "Stored provider keys by status.");
        RouterTelemetry.Meter.CreateObservableGauge("router.snapshot.age", age, "s", "Time since the stored state was last known to be the one in force.");
    }

    /// <summary>Health changes and requests for early checks dropped because Redis or Postgres took them too slowly.</summary>
    public static Counter<long> HealthDropped { get; } = RouterTelemetry.Meter.CreateCounter<long>(
        "router.health.dropped", "{change}", "Health changes not shared, and early checks not asked for, because Redis or Postgres was slow or gone.");
}
