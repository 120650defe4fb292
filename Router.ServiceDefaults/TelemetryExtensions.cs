using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

public static class TelemetryExtensions
{
    /// <summary>The name of the router's own activity sources and meters.</summary>
    private const string Router = "Router";

    private const string Npgsql = "Npgsql";

    /// <summary>
    /// The runtime's own HTTP client spans and metrics. The instrumentation package is not used: it injects trace headers by
    /// itself, past the handler's propagator, and providers are third parties.
    /// </summary>
    private const string HttpClient = "System.Net.Http";

    /// <summary>Logs, metrics and traces; exported over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, else kept in-process.</summary>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // Each connection tells its story in some forty lines.
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
            logging.AddProcessor(new UnrecordedTraceProcessor());
        });

        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", true);
        builder.Services.AddSingleton<IStartupFilter, ServerSpans>();
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddRuntimeInstrumentation()
                // A measurement made within a sampled trace names it: from a bar of a chart to a request behind it.
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddMeter(Router, Npgsql, HttpClient, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                // Each counts up and down within every request, at a price a chat notices and for no question anyone asked; the
                // last measures what gen_ai.client.operation.duration does.
                .AddView("http.server.active_requests", MetricStreamConfiguration.Drop)
                .AddView("http.client.active_requests", MetricStreamConfiguration.Drop)
                .AddView("http.client.open_connections", MetricStreamConfiguration.Drop)
                .AddView("http.client.request.duration", MetricStreamConfiguration.Drop))
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName, Router, Npgsql, "Experimental.Microsoft.Extensions.AI", HttpClient, "Microsoft.AspNetCore"));

        if (TraceRateSampler.Of(builder.Configuration) is { } sampler) telemetry.WithTracing(tracing => tracing.SetSampler(sampler));
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
            builder.Services.AddHostedService<TelemetryEnd>();
        }

        if (builder.Configuration.IsPrometheusOn()) telemetry.WithMetrics(metrics => metrics.AddPrometheusExporter());
        return builder;
    }
}
