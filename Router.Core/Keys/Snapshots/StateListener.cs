using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Core.Telemetry;

namespace Router.Core.Keys;

/// <summary>Hears <c>NOTIFY router_state</c> on a connection of its own and signals the refresher. Reconnects with back-off.</summary>
public sealed partial class StateListener : BackgroundService
{
    /// <summary>A connection that hears nothing this long is probed: one cut without a packet looks exactly like silence.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastBackoff = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly SnapshotRefresher _refresher;
    private readonly TimeProvider _time;
    private readonly ILogger<StateListener> _logger;
    private readonly OutageLog _outage;

    public StateListener(NpgsqlDataSource database, SnapshotRefresher refresher, TimeProvider time, ILogger<StateListener> logger)
    {
        (_database, _refresher, _time, _logger) = (database, refresher, time, logger);
        _outage = new(LogOutage, LogRecovered);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var quiet = QuietScope.Begin();
        var backoff = FirstBackoff;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => backoff = FirstBackoff, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _outage.Failed(exception);
                await Task.Delay(backoff, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = backoff * 2 < LastBackoff ? backoff * 2 : LastBackoff;
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(Action connected, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        connection.Notification += (_, _) => _refresher.Signal("postgres");
        await ExecuteAsync(connection, "LISTEN router_state", cancellationToken).ConfigureAwait(false);
        connected();
        _outage.Succeeded();
        // What changed while nobody listened.
        _refresher.Signal("postgres");
        while (true)
        {
            if (!await connection.WaitAsync(ProbeInterval, cancellationToken).ConfigureAwait(false))
                await ExecuteAsync(connection, "SELECT 1", cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = DatabaseCommands.TimeoutSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not listening for changes in Postgres; polling goes on")]
    private partial void LogOutage(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening for changes in Postgres again")]
    private partial void LogRecovered();
}
