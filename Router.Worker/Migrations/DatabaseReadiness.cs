using System.Net.Sockets;
using Npgsql;
using Router.Core.Telemetry;

namespace Router.Worker.Migrations;

/// <summary>Waits, within a bound, for a Postgres that is still coming up, and creates the database where it is missing.</summary>
public sealed partial class DatabaseReadiness(NpgsqlDataSource database, TimeProvider time, ILogger<DatabaseReadiness> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <exception cref="TimeoutException">Postgres did not come up.</exception>
    /// <exception cref="PostgresException">It is up and refuses, e.g. the password.</exception>
    public async Task WaitAsync(string connectionString, CancellationToken cancellationToken)
    {
        var (start, created) = (time.GetTimestamp(), false);
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName && !created)
            {
                LogCreating();
                await CreateAsync(connectionString, cancellationToken);
                // A pooler's cache or a standby may not know of it yet: from here on it is waited for.
                created = true;
            }
            catch (Exception exception) when (IsComingUp(exception))
            {
                if (time.GetElapsedTime(start) > Patience)
                    throw new TimeoutException($"Postgres did not accept a connection within {Patience.TotalSeconds:0} s.", exception);
                LogWaiting(exception.Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private static async Task CreateAsync(string connectionString, CancellationToken cancellationToken)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        var name = server.Database ?? "";
        server.Database = "postgres";
        server.Pooling = false;
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        // A name is no parameter; the builder quotes it as an identifier.
        using var quoting = new NpgsqlCommandBuilder();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {quoting.QuoteIdentifier(name)}", connection);
        try
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another run was faster.
        }
    }

    private static bool IsComingUp(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections,
        NpgsqlException or SocketException or TimeoutException => true,
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for Postgres: {Reason}")]
    private partial void LogWaiting(Printable reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database does not exist yet; creating it")]
    private partial void LogCreating();
}
