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
    /// <summary>Beyond this a batch is put on disk rather than waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a database that let us wait in vain is not asked again: what comes meanwhile goes to disk at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private bool _trouble;
    private long? _waitedInVain;

    private bool Pauses => _trouble && _waitedInVain is { } at && time.GetElapsedTime(at) < Pause;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        UsageTelemetry.ShowZero();
        using var quiet = QuietScope.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.FlushInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await FlushAsync().ConfigureAwait(false);
            // Also while there is trouble: when requests ended before it did, nothing else would ask whether it is over.
            if (!Pauses)
                await DrainAsync(stoppingToken).ConfigureAwait(false);
        }

        // What came while the last batch was written.
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Empties the queue of what is in it now. Not cancelled: what has left the queue must arrive somewhere.</summary>
    internal async Task FlushAsync()
    {
        while (queue.Take() is { } batch)
        {
            // What came while it was written waits for the next turn; else there would always be some.
            var last = batch.Count < UsageBatch.Most;
            await KeepAsync(batch).ConfigureAwait(false);
            if (last)
                return;
        }
    }

    /// <summary>
    /// Writes what was spooled, also by a process that is no more, until Postgres refuses. Between two files the queue is emptied: a
    /// long spool must not make it run over.
    /// </summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        foreach (var file in Files())
        {
            if (cancellationToken.IsCancellationRequested || !await DrainAsync(file).ConfigureAwait(false))
                return;
            await FlushAsync().ConfigureAwait(false);
        }
    }

    private async Task KeepAsync(UsageBatch batch)
    {
        var spooled = _trouble ? Files() : [];
        var pauses = Pauses;
        var tries = !pauses && spooled.Count == 0;
        if (tries && await TryWriteAsync(batch).ConfigureAwait(false))
        {
            queue.GiveBack(batch);
            return;
        }

        try
        {
            await spool.PutAsync([.. batch.Records()], CancellationToken.None).ConfigureAwait(false);
            // A write that was given up may still be reading it.
            if (!tries)
                queue.GiveBack(batch);
        }
        catch (Exception exception)
        {
            // Whatever a disk does wrong costs this batch, not the writer.
            UsageTelemetry.Dropped.Add(batch.Count);
            LogSpool(exception);
        }

        // Once in a while Postgres is asked again: by the oldest batch, which is next anyway.
        if (!pauses && spooled.Count > 0)
            await DrainAsync(spooled[0]).ConfigureAwait(false);
    }

    private IReadOnlyList<string> Files()
    {
        try
        {
            return spool.Files();
        }
        catch (Exception exception)
        {
            LogSpool(exception);
            return [];
        }
    }

    /// <returns>Whether to go on with the next file.</returns>
    private async Task<bool> DrainAsync(string file)
    {
        try
        {
            if (await UsageSpool.ReadAsync(file, CancellationToken.None).ConfigureAwait(false) is not { } records)
                return true;
            if (records.Count > 0)
            {
                var batch = queue.Blank().AddAll(records);
                if (!await TryWriteAsync(batch).ConfigureAwait(false))
                    return false;
                queue.GiveBack(batch);
            }

            File.Delete(file);
            return true;
        }
        catch (Exception exception)
        {
            LogSpool(exception);
            return false;
        }
    }

    private async Task<bool> TryWriteAsync(UsageBatch batch)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var start = time.GetTimestamp();
        try
        {
            await store.WriteAsync(batch, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false);
            await PoolThread.Switch();
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
            _waitedInVain = patience.IsCancellationRequested ? time.GetTimestamp() : null;
            await PoolThread.Switch();
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
