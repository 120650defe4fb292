using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Router.Core.Telemetry;

/// <summary>Every source and meter of ours. Names of tags are in <see cref="Tags"/>.</summary>
public static class RouterTelemetry
{
    public const string Name = "Router";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);
}
