using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>
/// Moves records from the queue to Postgres in batches; to the spool while Postgres does not take them, and from there once it
/// does. What neither takes stays in the queue and is tried again. At the end of the process what is queued is written or spooled.
/// </summary>
public sealed partial class UsageWriter(
    UsageQueue queue, UsageStore store, UsageSpool spool, SpoolState state, IOptions<UsageOptions> options, TimeProvider time, ILogger<UsageWriter> logger) : BackgroundService
{
    /// <summary>Beyond this a batch is put on disk rather than waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a database that let us wait in vain is not asked again: what comes meanwhile goes to disk at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>How often the spool is tried out while nothing is put there, and while it is of no use.</summary>
    private static readonly TimeSpan TestInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan TroubleInterval = TimeSpan.FromSeconds(5);

    private const int LastTries = 3;
    private static readonly TimeSpan BetweenLastTries = TimeSpan.FromMilliseconds(250);

    /// <summary>Files that cannot be read: each is told once, and keeps none of the others from being written.</summary>
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);

    private bool _trouble;
    private long? _waitedInVain;
    private long _testedAt;

    private bool Pauses => _trouble && _waitedInVain is { } at && time.GetElapsedTime(at) < Pause;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        UsageTelemetry.ShowZero();
        using var quiet = QuietScope.Begin();
        await TestSpoolAsync().ConfigureAwait(false);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Value.FlushInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await FlushAsync().ConfigureAwait(false);
            // Also while there is trouble: when requests ended before it did, nothing else would ask whether it is over.
            if (!Pauses)
                await DrainAsync(stoppingToken).ConfigureAwait(false);
            if (time.GetElapsedTime(_testedAt) >= (state.IsUsable ? TestInterval : TroubleInterval))
                await TestSpoolAsync().ConfigureAwait(false);
        }

        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Whether the spool would do if it were needed: better known at the start than when it is.</summary>
    internal async Task TestSpoolAsync()
    {
        _testedAt = time.GetTimestamp();
        try
        {
            await spool.TestAsync(CancellationToken.None).ConfigureAwait(false);
            state.Worked();
        }
        catch (Exception exception)
        {
            state.Failed(exception);
        }
    }

    /// <summary>What came while the last batch was written, and what found no place until now.</summary>
    private async Task EndAsync()
    {
        await FlushAsync().ConfigureAwait(false);
        for (var tries = 1; queue.Depth > 0 && tries < LastTries; tries++)
        {
            await Task.Delay(BetweenLastTries, time, CancellationToken.None).ConfigureAwait(false);
            await FlushAsync().ConfigureAwait(false);
        }

        if (queue.Abandon() is > 0 and var lost)
        {
            UsageTelemetry.Dropped.Add(lost);
            LogLost(lost);
        }
    }

    /// <summary>Empties the queue of what is in it now. Not cancelled: what has left the queue must arrive somewhere.</summary>
    internal async Task FlushAsync()
    {
        while (queue.Take() is { } batch)
        {
            // What came while it was written waits for the next turn; else there would always be some.
            var last = batch.Count < UsageBatch.Most;
            if (!await KeepAsync(batch).ConfigureAwait(false) || last)
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

    /// <returns>False when it is back in the queue, as nothing took it.</returns>
    private async Task<bool> KeepAsync(UsageBatch batch)
    {
        var spooled = _trouble ? Files() : [];
        var pauses = Pauses;
        var kept = (!pauses && spooled.Count == 0 && await TryWriteAsync(batch).ConfigureAwait(false)) || await TryPutAsync(batch).ConfigureAwait(false);
        if (kept)
            queue.GiveBack(batch);
        else
            queue.PutBack(batch);

        // Once in a while Postgres is asked again: by the oldest batch, which is next anyway.
        if (!pauses && spooled.Count > 0)
            await DrainAsync(spooled[0]).ConfigureAwait(false);
        return kept;
    }

    private async Task<bool> TryPutAsync(UsageBatch batch)
    {
        if (!spool.IsOn)
            return false;
        try
        {
            await spool.PutAsync([.. batch.Records()], CancellationToken.None).ConfigureAwait(false);
            state.Worked();
            return true;
        }
        catch (Exception exception)
        {
            // Whatever a disk does wrong costs neither the batch nor the writer.
            state.Failed(exception);
            return false;
        }
    }

    private IReadOnlyList<string> Files()
    {
        try
        {
            return [.. spool.Files().Where(file => !_unreadable.Contains(file))];
        }
        catch (Exception exception)
        {
            state.Failed(exception);
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
            _unreadable.Add(file);
            LogUnreadable(Path.GetFileName(file), exception);
            return true;
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
            batch.WasGivenUp = true;
            _trouble = true;
            _waitedInVain = patience.IsCancellationRequested ? time.GetTimestamp() : null;
            await PoolThread.Switch();
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Usage records cannot be written to Postgres; they wait on disk, or in memory where that cannot be used")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Usage records can be written to Postgres again")]
    private partial void LogRecovered();

    [LoggerMessage(Level = LogLevel.Error, Message = "The file {File} of spooled usage records cannot be read or taken away; it stays where it is")]
    private partial void LogUnreadable(Printable file, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Lost} usage records are lost: the process ends, and neither Postgres nor the disk takes them")]
    private partial void LogLost(int lost);
}
