using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Microsoft.Extensions.Hosting;

/// <summary>Takes the trace's id from log records whose trace is not recorded: it would be a link to nothing.</summary>
internal sealed class UnrecordedTraceProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)) return;
        data.TraceId = default;
        data.SpanId = default;
    }
}
