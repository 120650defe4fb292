using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>Probes come every few seconds for ever; a trace of each says nothing. Unrecorded, a span takes what is below it along.</summary>
internal sealed class ProbeFilter : BaseProcessor<Activity>
{
    public override void OnStart(Activity data)
    {
        if (data.Kind == ActivityKind.Server && data.GetTagItem("url.path") is string path && IsProbe(path))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            data.IsAllDataRequested = false;
        }
    }

    private static bool IsProbe(PathString path) =>
        path.StartsWithSegments(HealthExtensions.Readiness, StringComparison.Ordinal)
        || path.StartsWithSegments(HealthExtensions.Liveness, StringComparison.Ordinal)
        || path.StartsWithSegments(PrometheusExtensions.Path, StringComparison.Ordinal);
}
