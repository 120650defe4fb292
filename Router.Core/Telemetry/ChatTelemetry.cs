using System.Diagnostics.Metrics;

namespace Router.Core.Telemetry;

/// <summary>Instruments of chats: OpenTelemetry's GenAI ones for each attempt, and the router's own.</summary>
public static class ChatTelemetry
{
    public const string TokenType = "gen_ai.token.type";
    public const string Outcome = "router.attempt.outcome";
    public const string Reason = "router.fallback.reason";

    private static readonly double[] Seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    public static Histogram<double> OperationDuration { get; } = RouterTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "Measures the duration of a GenAI operation", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    public static Histogram<int> TokenUsage { get; } = RouterTelemetry.Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Measures number of input and output tokens used",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864] });

    public static Histogram<double> TimeToFirstChunk { get; } = RouterTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.time_to_first_chunk", "s", "Measures the time to receive the first chunk of a streaming response",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    /// <summary>The mean of a stream, recorded once at its end: a measurement for each chunk would cost more than passing the chunk on.</summary>
    public static Histogram<double> TimePerOutputChunk { get; } = RouterTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.time_per_output_chunk", "s", "Measures the time between receiving output chunks of a streaming response",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    /// <summary>Upstream requests by outcome (success, cancelled, or the failure's class), provider and whose key.</summary>
    public static Counter<long> Attempts { get; } = RouterTelemetry.Meter.CreateCounter<long>("router.attempts", "{attempt}", "Requests made to providers.");

    /// <summary>Keys not tried because they were known to be of no use, by provider and reason.</summary>
    public static Counter<long> Skips { get; } = RouterTelemetry.Meter.CreateCounter<long>("router.attempts.skipped", "{attempt}", "Keys not tried, known to be of no use.");

    /// <summary>Attempts that followed a failed one, by that one's class.</summary>
    public static Counter<long> Fallbacks { get; } = RouterTelemetry.Meter.CreateCounter<long>("router.fallbacks", "{attempt}", "Attempts made because another failed.");

    /// <summary>Pauses and marks put on credentials by live traffic here, by provider and reason.</summary>
    public static Counter<long> Cooldowns { get; } = RouterTelemetry.Meter.CreateCounter<long>("router.cooldowns", "{cooldown}", "Credentials put aside because a live request failed.");

    public static Histogram<double> PlanDuration { get; } = RouterTelemetry.Meter.CreateHistogram(
        "router.plan.duration", "s", "Time to make the plan of a request.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.05] });

    /// <summary>Streams whose first content reached the caller, by provider: from there on no other attempt can take over.</summary>
    public static Counter<long> StreamCommits { get; } = RouterTelemetry.Meter.CreateCounter<long>("router.stream.commits", "{stream}", "Streams that began to reach their caller.");

    /// <summary>Of those, the ones that another attempt had failed before, which the caller never saw.</summary>
    public static Counter<long> StreamRescues { get; } = RouterTelemetry.Meter.CreateCounter<long>("router.stream.rescues", "{stream}", "Streams served although an earlier attempt failed.");

    /// <summary>What upstream requests cost at the catalog's prices, by provider, model and whose key. Receipts keep the exact decimals; this is for a look and an alert.</summary>
    public static Counter<double> Cost { get; } = RouterTelemetry.Meter.CreateCounter<double>(Tags.Cost, "{USD}", "List price of upstream requests.");

    /// <summary>What workspaces owe for them, by the same tags.</summary>
    public static Counter<double> Charge { get; } = RouterTelemetry.Meter.CreateCounter<double>(Tags.Charge, "{USD}", "What workspaces owe for upstream requests.");

    /// <summary>Upstream requests that may have been billed at a price nobody knows, by the same tags: the two before say nothing of them.</summary>
    public static Counter<long> Unpriced { get; } = RouterTelemetry.Meter.CreateCounter<long>("router.attempts.unpriced", "{attempt}", "Upstream requests whose price is not known.");

    /// <summary>What a request took beside the time its attempts took.</summary>
    public static Histogram<double> Overhead { get; } = RouterTelemetry.Meter.CreateHistogram(
        "router.request.overhead", "s", "Time of a request spent in the router's pipeline rather than in attempts.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 10] });
}
