using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Router.Core.Telemetry;

/// <summary>Every source and meter of ours. Names of tags are in <see cref="Tags"/>.</summary>
public static class RouterTelemetry
{
    public const string Name = "Router";

    public static ActivitySource Source { get; } = new(Name);

    /// <summary>A span of the hot path, within a trace that is recorded or by itself. Below an unrecorded one not even the sampler is asked.</summary>
    internal static Activity? Start(string operation, string? model, ActivityKind kind) =>
        Activity.Current is { IsAllDataRequested: false } ? null : Source.StartActivity($"{operation} {Printable.Of(model)}", kind);

    public static Meter Meter { get; } = new(Name);
}
