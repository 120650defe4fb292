using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Router.Core.Chat;

namespace Router.Api.Hosting;

/// <summary>
/// The end of an API, in the order that costs no caller an answer: <c>/health</c> says so, and every answer asks for its connection to be
/// closed, while the listener stays open; then the server takes no more, and waits for what runs; what runs too long is told that it is over.
/// </summary>
internal sealed partial class Draining : IHostedLifecycleService, IHealthCheck, IDisposable
{
    private readonly AttemptClocks _clocks;
    private readonly ShutdownOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Draining> _logger;
    private readonly CancellationTokenRegistration _signal;
    private readonly Lock _lock = new();
    private ITimer? _end;
    private long _since;
    private volatile bool _draining;

    public Draining(AttemptClocks clocks, IOptions<ShutdownOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Draining> logger)
    {
        (_clocks, _options, _time, _logger) = (clocks, options.Value, time, logger);
        // The signal comes here first; what the host does about it begins later.
        _signal = lifetime.ApplicationStopping.Register(Begin);
    }

    public bool IsDraining => _draining;

    /// <summary>Asks the caller, with the answer, to come back on another connection, which a balancer brings to another instance.</summary>
    public static void CloseAfter(HttpContext context)
    {
        // What is no HTTP any more is closed by itself.
        if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            return;
        }

        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
        else
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_draining ? HealthCheckResult.Unhealthy("the instance is being stopped") : HealthCheckResult.Healthy());

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before anything is stopped, the server included.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        TimeSpan left = _options.Drain - _time.GetElapsedTime(_since);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _signal.Dispose();
        _end?.Dispose();
    }

    private void Begin()
    {
        lock (_lock)
        {
            if (_draining)
            {
                return;
            }

            _since = _time.GetTimestamp();
            _end = _time.CreateTimer(static state => ((Draining)state!).End(), this, _options.Longest, Timeout.InfiniteTimeSpan);
            _draining = true;
        }

        LogDraining(_options.Drain.TotalSeconds, _options.Longest.TotalSeconds);
    }

    private void End()
    {
        int ran = _clocks.End();
        if (ran > 0)
        {
            LogEnded(ran, _options.Longest.TotalSeconds);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Stopping: connections are taken for {Drain} s more, and answers under way have {Timeout} s to end")]
    private partial void LogDraining(double drain, double timeout);

    [LoggerMessage(2, LogLevel.Warning, "{Running} answers were still under way after {Timeout} s and were ended")]
    private partial void LogEnded(int running, double timeout);
}
