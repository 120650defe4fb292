using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>
/// Moves records from the queue to Postgres in batches; to the spool while Postgres does not take them, and from there once it
/// does. At the end of the process what is queued is written or spooled.
/// </summary>
public sealed partial class UsageWriter(
    UsageQueue queue, UsageStore store, UsageSpool spool, IOptions<UsageOptions> options, TimeProvider time, ILogger<UsageWriter> logger) : BackgroundService
{
    private const int BatchSize = 1_000;

    /// <summary>Beyond this a batch is put on disk rather than waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private bool _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.FlushInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await FlushAsync().ConfigureAwait(false);
            if (!_trouble && !stoppingToken.IsCancellationRequested)
                await DrainAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Empties the queue. Not cancelled: what has left the queue must arrive somewhere.</summary>
    internal async Task FlushAsync()
    {
        var batch = new List<UsageRecord>();
        while (queue.Reader.TryRead(out var record))
        {
            batch.Add(record);
            if (batch.Count == BatchSize)
            {
                await KeepAsync(batch).ConfigureAwait(false);
                batch = [];
            }
        }

        if (batch.Count > 0)
            await KeepAsync(batch).ConfigureAwait(false);
    }

    /// <summary>Writes what was spooled, also by a process that is no more, until Postgres refuses.</summary>
    internal async Task DrainAsync()
    {
        foreach (var file in spool.Files())
        {
            try
            {
                if (await UsageSpool.ReadAsync(file, CancellationToken.None).ConfigureAwait(false) is not { } records)
                    continue;
                if (records.Count > 0 && !await TryWriteAsync(records).ConfigureAwait(false))
                    return;
                File.Delete(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogSpool(exception);
                return;
            }
        }
    }

    private async Task KeepAsync(IReadOnlyList<UsageRecord> batch)
    {
        if (!(_trouble && spool.Files().Count > 0) && await TryWriteAsync(batch).ConfigureAwait(false))
            return;
        try
        {
            await spool.PutAsync(batch, CancellationToken.None).ConfigureAwait(false);
            // Once in a while Postgres is asked again: by the oldest batch, which is next anyway.
            await DrainAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            UsageTelemetry.Dropped.Add(batch.Count);
            LogSpool(exception);
        }
    }

    private async Task<bool> TryWriteAsync(IReadOnlyList<UsageRecord> batch)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var start = time.GetTimestamp();
        try
        {
            await store.WriteAsync(batch, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
            UsageTelemetry.Written.Add(batch.Count);
            UsageTelemetry.FlushDuration.Record(time.GetElapsedTime(start).TotalSeconds);
            if (_trouble)
                LogRecovered();
            _trouble = false;
            return true;
        }
        catch (Exception exception)
        {
            if (!_trouble)
                LogOutage(exception);
            _trouble = true;
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Usage records cannot be written to Postgres; they are put aside on disk")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Usage records can be written to Postgres again")]
    private partial void LogRecovered();

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool of usage records cannot be used")]
    private partial void LogSpool(Exception exception);
}
