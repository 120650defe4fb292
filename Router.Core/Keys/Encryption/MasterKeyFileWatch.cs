using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>
/// Takes up a changed <c>Router:MasterKeysFile</c> while the process runs, so that rotating master keys restarts nothing. A file
/// that has become unusable is logged, without its content, and the keys in force stay.
/// </summary>
public sealed partial class MasterKeyFileWatch(
    MasterKeyRing ring, IConfiguration configuration, SnapshotCache cache, IServiceProvider services, TimeProvider time, ILogger<MasterKeyFileWatch> logger) : BackgroundService
{
    private readonly TimeSpan _interval = ConfiguredTime.Interval(configuration, "Router:MasterKeysFileInterval", TimeSpan.FromSeconds(5));

    private string? _complaint;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!MasterKeyConfiguration.IsFile(configuration))
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
                Look();
        }
    }

    private void Look()
    {
        try
        {
            var changed = ring.Replace(MasterKeyConfiguration.Load(configuration));
            _complaint = null;
            if (!changed)
                return;
            var names = string.Join(", ", ring.Names);
            LogChanged(names);
            // What no key opened may open now.
            if (cache.IsLoaded)
                services.GetRequiredService<SnapshotRefresher>().Reread();
        }
        catch (OptionsValidationException exception) when (exception.Message != _complaint)
        {
            // Once, not every few seconds.
            _complaint = exception.Message;
            LogUnusable(exception.Message);
        }
        catch (OptionsValidationException)
        {
        }
        catch (Exception exception) when (exception.GetType().Name != _complaint)
        {
            // As a file that may not be read; a file system's message can quote what is no business of the log.
            _complaint = exception.GetType().Name;
            LogUnusable(_complaint);
        }
        catch (Exception)
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The master keys in force are now, newest first: {Names}")]
    private partial void LogChanged(Printable names);

    [LoggerMessage(Level = LogLevel.Error, Message = "The file of master keys is unusable; the keys in force stay: {Problems}")]
    private partial void LogUnusable(string problems);
}
