using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>
/// Writes last uses of stored keys in batches, behind the requests. A lost Postgres keeps them here; a killed process loses at
/// most <see cref="Interval"/> of them.
/// </summary>
public sealed partial class KeyUseWriter(KeyUses uses, ProviderKeyStore store, TimeProvider time, ILogger<KeyUseWriter> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LastChance = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var outage = new OutageLog(LogOutage, LogRecovered);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var patience = new CancellationTokenSource(stoppingToken.IsCancellationRequested ? LastChance : Interval, time);
            try
            {
                await WriteAsync(patience.Token).ConfigureAwait(false);
                outage.Succeeded();
            }
            catch (Exception exception)
            {
                outage.Failed(exception);
            }
        }
    }

    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        var taken = uses.Take();
        if (taken.Count == 0)
            return;
        try
        {
            await store.RecordUsesAsync(taken, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            uses.Return(taken);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "When keys were last used cannot be written; it is kept until Postgres answers")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "When keys were last used can be written again")]
    private partial void LogRecovered();
}
