using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Sends the last of the telemetry when everything else has ended, traces, metrics and logs at once and within a bound. By themselves they go one after
/// the other when the process lets go of them, and a collector that takes connections and says nothing holds each for as long as it likes.
/// </summary>
internal sealed partial class TelemetryEnd(IServiceProvider services, ILogger<TelemetryEnd> logger) : IHostedLifecycleService
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        var patience = (int)Patience.TotalMilliseconds;
        // Each blocks, and each is asked once: what lets go of it later finds it ended.
        Task<bool>[] ends =
        [
            EndAsync<TracerProvider>(provider => provider.Shutdown(patience)),
            EndAsync<MeterProvider>(provider => provider.Shutdown(patience)),
            EndAsync<LoggerProvider>(provider => provider.Shutdown(patience)),
        ];
        Task all = Task.WhenAll(ends);
        await all.WaitAsync(Patience + Patience / 4, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!all.IsCompletedSuccessfully || Array.Exists(ends, end => !end.Result)) LogIncomplete(Patience.TotalSeconds);
    }

    /// <returns>Whether it sent what it had.</returns>
    private Task<bool> EndAsync<T>(Func<T, bool> end)
        where T : class =>
        services.GetService<T>() is { } provider ? Task.Factory.StartNew(() => end(provider), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default) : Task.FromResult(true);

    [LoggerMessage(1, LogLevel.Warning, "The last telemetry could not all be sent within {Seconds} s")]
    private partial void LogIncomplete(double seconds);
}
