using System.Net.Sockets;
using Npgsql;

namespace Router.Worker.Migrations;

/// <summary>
/// How patient a migration is. Nobody waits for it as for an answer, and a busy machine or a database that fails over must not end a
/// deployment: its bounds are minutes, and what a passing fault broke off is done again. Every step may be repeated.
/// </summary>
public static partial class MigrationBounds
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public static void Apply(NpgsqlDataSourceBuilder source)
    {
        source.ConnectionStringBuilder.Timeout = 30;
        source.ConnectionStringBuilder.CommandTimeout = 600;
    }

    public static Task RepeatAsync(Func<Task> step, ILogger logger, TimeProvider time, CancellationToken cancellationToken) => RepeatAsync(
        async () =>
        {
            await step();
            return true;
        },
        logger,
        time,
        cancellationToken);

    /// <summary>Does the step again, within a bound, while what breaks it off passes by itself.</summary>
    public static async Task<T> RepeatAsync<T>(Func<Task<T>> step, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await step();
            }
            catch (Exception exception) when (Passes(exception) && time.GetElapsedTime(start) < s_patience)
            {
                LogAgain(logger, exception);
                await Task.Delay(s_pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Whether the fault is one of the connection or the load, and not of the script.</summary>
    private static bool Passes(Exception? exception) => exception switch
    {
        null => false,
        // Rights of a table are set while something else changes the table's entry in the catalog.
        PostgresException postgres => postgres.IsTransient || (postgres.SqlState == PostgresErrorCodes.InternalError && postgres.MessageText.Contains("concurrently updated", StringComparison.Ordinal)),
        NpgsqlException or SocketException or TimeoutException or IOException => true,
        _ => Passes(exception.InnerException),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A step of the migration was broken off, and is done again")]
    private static partial void LogAgain(ILogger logger, Exception exception);
}
