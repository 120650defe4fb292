using Microsoft.Extensions.Options;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Telemetry;

namespace Router.Worker.Revalidation;

/// <summary>Looks for due keys and has them checked. Any number of workers may run: Postgres hands each key to one of them.</summary>
/// <param name="live">Asked which providers are live between the claim of keys and their check: a switch before the claim is seen, and one after it voids the claim.</param>
public sealed partial class RevalidationService(
    KeyCheckStore store, KeyRechecker rechecker, IOptions<RevalidationOptions> options, TimeProvider time, ILogger<RevalidationService> logger,
    LiveProviderStore? live = null, ProviderRegistry? providers = null)
    : BackgroundService
{
    private readonly RevalidationOptions _options = options.Value;

    // New at every start: a restarted worker does not own the claims it held before.
    private readonly string _claimant = $"{Environment.MachineName}/{Guid.NewGuid():N}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var outage = new OutageLog(LogOutage, LogRecovered);
        while (!stoppingToken.IsCancellationRequested)
        {
            var found = 0;
            try
            {
                found = await RunOnceAsync(stoppingToken).ConfigureAwait(false);
                outage.Succeeded();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                outage.Failed(exception);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            if (found < _options.Concurrency)
                await Task.Delay(_options.PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>How many keys were due and claimed here.</returns>
    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var claimed = await ClaimAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(claimed.Select(key => CheckAsync(key, cancellationToken))).ConfigureAwait(false);
        return claimed.Count;
    }

    private async Task<List<StoredKey>> ClaimAsync(CancellationToken cancellationToken)
    {
        using var quiet = QuietScope.Begin();
        var claimed = await store.ClaimDueAsync(_claimant, _options.Concurrency, _options.Lease, cancellationToken).ConfigureAwait(false);
        if (claimed.Count > 0 && live is not null)
            providers?.MakeLive(await live.ListAsync(cancellationToken).ConfigureAwait(false));
        return claimed;
    }

    private async Task CheckAsync(StoredKey key, CancellationToken cancellationToken)
    {
        try
        {
            var verdict = await rechecker.RecheckAsync(key, _claimant, _options.CheckTimeout, cancellationToken).ConfigureAwait(false);
            if (verdict is not null && verdict.Status != key.Status)
                LogTransition(key.WorkspaceId, key.Provider, key.Fingerprint, key.Status, verdict.Status);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One key's trouble is not the others': its claim runs out and it is checked again.
            LogFailed(key.WorkspaceId, key.Provider, key.Fingerprint, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Key {Fingerprint} of {Workspace} for {Provider} went from {From} to {To}")]
    private partial void LogTransition(Printable workspace, Printable provider, Printable fingerprint, CredentialStatus from, CredentialStatus to);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The check of key {Fingerprint} of {Workspace} for {Provider} failed")]
    private partial void LogFailed(Printable workspace, Printable provider, Printable fingerprint, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Due keys cannot be claimed: Postgres does not answer")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Due keys can be claimed again")]
    private partial void LogRecovered();
}
