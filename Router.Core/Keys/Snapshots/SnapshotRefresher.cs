using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Providers;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>
/// Keeps the snapshot current: on a signal, and on every poll that finds another version. Whatever fails, the last
/// snapshot stays in force; the first load is tried until it succeeds.
/// </summary>
public sealed partial class SnapshotRefresher : BackgroundService
{
    private readonly SnapshotCache _cache;
    private readonly SnapshotLoader _loader;
    private readonly SnapshotOptions _options;
    private readonly TimeProvider _time;
    private readonly ProviderRegistry? _providers;
    private readonly ILogger<SnapshotRefresher> _logger;
    private readonly OutageLog _outage;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One pending signal is enough: the load it triggers sees every change before it.
    private readonly Channel<string> _signals = Channel.CreateBounded<string>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile bool _stale;

    /// <param name="providers">Told which providers are live before the snapshot that says so is in force; null where none are called.</param>
    public SnapshotRefresher(
        SnapshotCache cache, SnapshotMetrics metrics, SnapshotLoader loader, IOptions<SnapshotOptions> options, TimeProvider time, ILogger<SnapshotRefresher> logger, ProviderRegistry? providers = null)
    {
        (_cache, _loader, _options, _time, _logger, _providers) = (cache, loader, options.Value, time, logger, providers);
        _outage = new(LogOutage, LogRecovered);
        metrics.Start();
    }

    /// <summary>Says that something changed. Never blocks.</summary>
    /// <param name="via">How this replica heard of it, for the metric.</param>
    public void Signal(string via) => _signals.Writer.TryWrite(via);

    /// <summary>Says that the stored state reads differently now, though its version is the same: as when other master keys open it.</summary>
    public void Reread()
    {
        _stale = true;
        Signal("poll");
    }

    /// <summary>Loads now and swaps: what the replica that made a write awaits before it answers.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => RefreshAsync("write", cancellationToken);

    private async Task RefreshAsync(string via, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.LoadTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await _loading.WaitAsync(linked.Token).ConfigureAwait(false);
        var stale = _stale;
        try
        {
            // Before the load: what becomes different during it asks for another one.
            _stale = false;
            var (start, begun) = (_time.GetTimestamp(), _time.GetUtcNow());
            // Loads take turns, so the one that began last is the one that stays.
            var before = _cache.Current;
            var snapshot = await Bounded(_loader.LoadAsync(linked.Token), linked.Token).ConfigureAwait(false);
            _providers?.MakeLive(snapshot.LiveProviders);
            _cache.Swap(snapshot);
            _cache.Confirm(begun);
            var took = _time.GetElapsedTime(start);
            KeyTelemetry.SnapshotLoad.Record(took.TotalSeconds);
            if (before.IsLoaded && snapshot.Version != before.Version)
                KeyTelemetry.Propagation.Record((snapshot.ChangeAge + took).TotalSeconds, new KeyValuePair<string, object?>(KeyTelemetry.PropagationVia, via));
        }
        catch when (stale)
        {
            _stale = true;
            throw;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>
    /// Returns once the state was read, or failed to be: the server, which starts after this, does not listen before
    /// there is something to answer from, and does listen, unready, when Postgres is away.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
        await _tried.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var via = "poll";
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var asked = _time.GetUtcNow();
                if (!_cache.IsLoaded || _stale || await ReadVersionAsync(stoppingToken).ConfigureAwait(false) != _cache.Current.Version)
                    await RefreshAsync(via, stoppingToken).ConfigureAwait(false);
                else
                    _cache.Confirm(asked);
                _outage.Succeeded();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _outage.Failed(exception);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                _tried.TrySetResult();
            }

            via = await WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<long> ReadVersionAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.LoadTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        return await Bounded(_loader.ReadVersionAsync(linked.Token), linked.Token).ConfigureAwait(false);
    }

    /// <summary>Leaves the call behind: opening a connection to a server that accepts and stays silent does not heed its token.</summary>
    private static Task<T> Bounded<T>(Task<T> call, CancellationToken deadline) => call.WaitAsync(deadline);

    /// <returns>What ended the wait.</returns>
    private async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        using var poll = new CancellationTokenSource(_options.PollInterval, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, poll.Token);
        try
        {
            return await _signals.Reader.ReadAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Either the poll is due or the host stops; the loop knows.
            return "poll";
        }
    }

    public override void Dispose()
    {
        _loading.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The stored state cannot be read; the last snapshot stays in force")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The stored state can be read again")]
    private partial void LogRecovered();
}
