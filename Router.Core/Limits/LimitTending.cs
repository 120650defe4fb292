using Microsoft.Extensions.Hosting;
using Router.Core.Telemetry;

namespace Router.Core.Limits;

/// <summary>Tends the limiter every few milliseconds, jittered, and settles with Redis when the process ends.</summary>
internal sealed class LimitTending(RateLimiter limiter, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var random = new Random();
        while (!stoppingToken.IsCancellationRequested)
        {
            limiter.Tend();
            await Task.Delay(Interval * (1 + random.NextDouble()), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await limiter.SettleAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
