using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Signals;

/// <summary>A collector that takes connections and never answers holds no process at its end.</summary>
public sealed class TelemetryEndTests
{
    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task A_collector_that_says_nothing_costs_the_end_two_seconds_and_that_is_said(string protocol)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(
        [
            new("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{((IPEndPoint)hole.LocalEndpoint).Port}"),
            new("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ]);
        var logs = new RecordingLogs();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.AddServiceDefaults();
        TimeSpan took;
        using (IHost host = builder.Build())
        {
            await host.StartAsync(cancel);
            using (Activity? activity = RouterTelemetry.Source.StartActivity("one"))
            {
                Assert.NotNull(activity);
                host.Services.GetRequiredService<ILogger<TelemetryEndTests>>().Log(LogLevel.Warning, default, "One line", null, static (line, _) => line);
            }

            long start = Stopwatch.GetTimestamp();
            await host.StopAsync(cancel);
            host.Dispose();
            took = Stopwatch.GetElapsedTime(start);
        }

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Assert.Contains("could not all be sent", logs.Text, StringComparison.Ordinal);
    }
}
