using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Samples every trace while there are no more than so many a second, and so many a second beyond: whole ones, where an exporter
/// that cannot keep up would lose single spans of all of them. A trace begun elsewhere is not for it to decide.
/// </summary>
internal sealed class TraceRateSampler(int perSecond, TimeProvider time) : Sampler
{
    private const string Setting = "Router:Telemetry:TracesPerSecond";
    private const int Default = 250;

    private static readonly Meter s_meter = new("Router");
    private static readonly Counter<long> s_unsampled = s_meter.CreateCounter<long>(
        "router.traces.unsampled", "{trace}", "Traces not recorded because there were too many in that second.");

    private readonly long _step = time.TimestampFrequency / perSecond;

    /// <summary>When the traces sampled until now would have been due, had they come evenly.</summary>
    private long _due = long.MinValue;

    /// <returns>Null where OpenTelemetry's own setting names the sampler, or every trace is wanted.</returns>
    /// <exception cref="InvalidOperationException">The setting is no number of traces.</exception>
    public static Sampler? Of(IConfiguration configuration)
    {
        if (configuration["OTEL_TRACES_SAMPLER"] is { Length: > 0 }) return null;
        var rate = configuration.GetValue(Setting, Default);
        return rate switch
        {
            < 0 or > 1_000_000 => throw new InvalidOperationException($"{Setting} is a number of traces from 1 to 1000000, or 0 for all of them."),
            0 => null,
            _ => new ParentBasedSampler(new TraceRateSampler(rate, TimeProvider.System)),
        };
    }

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        if (TryTake()) return new SamplingResult(SamplingDecision.RecordAndSample);
        s_unsampled.Add(1);
        return new SamplingResult(SamplingDecision.Drop);
    }

    private bool TryTake()
    {
        var now = time.GetTimestamp();
        while (true)
        {
            var due = Volatile.Read(ref _due);
            var from = Math.Max(due, now);
            // A second's worth may come at once.
            if (from - now > time.TimestampFrequency - _step) return false;
            if (Interlocked.CompareExchange(ref _due, from + _step, due) == due) return true;
        }
    }
}
