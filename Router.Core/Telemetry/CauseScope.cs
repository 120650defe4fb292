using System.Diagnostics;

namespace Router.Core.Telemetry;

/// <summary>Work done later for a request that has gone on, or ended: its spans stand in that request's trace.</summary>
internal static class CauseScope
{
    /// <param name="traceparent">Of the span that caused it; null for work without a cause, which leaves no trace.</param>
    public static Activity? Begin(string name, string? traceparent) =>
        ActivityContext.TryParse(traceparent, null, out var cause) ? RouterTelemetry.Source.StartActivity(name, ActivityKind.Internal, cause) : null;
}
