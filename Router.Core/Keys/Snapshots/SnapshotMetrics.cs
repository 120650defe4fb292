using System.Diagnostics.Metrics;
using Router.Core.Providers;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>Measures the snapshot in force when metrics are collected.</summary>
public sealed class SnapshotMetrics(SnapshotCache cache, TimeProvider time)
{
    /// <summary>Begins to observe. Called once per process.</summary>
    public void Start() => KeyTelemetry.ObserveSnapshot(Credentials, Age);

    internal IEnumerable<Measurement<int>> Credentials() =>
        from workspace in cache.Current.Workspaces.Values
        from key in workspace.ProviderKeys.Values
        group key by (key.Provider, Status: (key.Secret is null ? CredentialStatus.Undecryptable : key.Status).ToText()) into keys
        let provider = ProviderTable.TryFind(keys.Key.Provider, out var definition) ? definition.TelemetryName : keys.Key.Provider
        select new Measurement<int>(keys.Count(), new(KeyTelemetry.Provider, provider), new(KeyTelemetry.StatusAfter, keys.Key.Status));

    internal IEnumerable<Measurement<double>> Age() =>
        cache.ConfirmedAt is { } at ? [new Measurement<double>(Math.Max(0, (time.GetUtcNow() - at).TotalSeconds))] : [];
}
