using System.Data;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Core.Usage;

/// <summary>
/// The daily partitions of the usage table: made ahead, dropped when their day is beyond the retention. The time is PostgreSQL's, which is the
/// same for all workers, and nothing is dropped where nothing would be left: that is a wrong clock or a wrong setting, and no age.
/// </summary>
public sealed partial class UsagePartitions(NpgsqlDataSource database, ILogger<UsagePartitions> logger)
{
    private const int DaysAhead = 3;
    private const int PruneBatch = 10_000;
    private const int LongTimeoutSeconds = 600;
    private const string Prefix = "usage_attempts_";

    /// <summary>One at a time over all workers: who comes while another is at it leaves it to that one.</summary>
    /// <remarks>
    /// The days to come are first and by themselves: there is nothing to move for them, so they are made however much the default
    /// partition has caught of today meanwhile.
    /// </remarks>
    public Task TendAsync(TimeSpan retention, CancellationToken cancellationToken) => TendAsync(null, retention, cancellationToken);

    /// <param name="now">In place of PostgreSQL's clock.</param>
    internal async Task TendAsync(DateTimeOffset? now, TimeSpan retention, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        // The session's, over several transactions.
        if (!await LockAsync("pg_try_advisory_lock", connection, cancellationToken).ConfigureAwait(false))
            return;
        try
        {
            await TendAsync(connection, now ?? await ClockAsync(connection, cancellationToken).ConfigureAwait(false), retention, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A session that is lost has lost its lock.
            if (connection.FullState == ConnectionState.Open)
                await LockAsync("pg_advisory_unlock", connection, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task TendAsync(NpgsqlConnection connection, DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        for (var ahead = DaysAhead; ahead >= 0; ahead--)
            await AddAsync(connection, today.AddDays(ahead), cancellationToken).ConfigureAwait(false);

        var cutoff = now - retention;
        var oldest = DateOnly.FromDateTime(cutoff.UtcDateTime);
        var old = (await NamesAsync(connection, cancellationToken).ConfigureAwait(false)).Where(name => Day(name) < oldest).Order(StringComparer.Ordinal).ToList();
        if (await AnyAsync(connection, DateTimeOffset.MinValue, cutoff, cancellationToken).ConfigureAwait(false)
            && !await AnyAsync(connection, new(oldest, TimeOnly.MinValue, TimeSpan.Zero), now.AddDays(1), cancellationToken).ConfigureAwait(false))
        {
            LogRefused(retention.TotalDays, now);
            return;
        }

        foreach (var name in old)
        {
            await connection.Statement($"DROP TABLE IF EXISTS {name}").ExecuteAsync(cancellationToken).ConfigureAwait(false);
            LogDropped(name, retention.TotalDays);
        }

        await PruneStraysAsync(connection, cutoff, retention, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What never got a partition of its own.</summary>
    private async Task PruneStraysAsync(NpgsqlConnection connection, DateTimeOffset cutoff, TimeSpan retention, CancellationToken cancellationToken)
    {
        var (gone, batch) = (0, PruneBatch);
        while (batch == PruneBatch)
        {
            batch = await connection.Statement(
                "DELETE FROM usage_attempts_default WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_attempts_default WHERE at < $1 LIMIT $2))",
                cutoff.UtcDateTime, PruneBatch).ExecuteAsync(cancellationToken).ConfigureAwait(false);
            gone += batch;
        }

        if (gone > 0)
            LogPruned(gone, retention.TotalDays);
    }

    private static async Task<DateTimeOffset> ClockAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.Statement("SELECT clock_timestamp()").ReadAsync(row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Whether there is a receipt of this time.</summary>
    private static async Task<bool> AnyAsync(NpgsqlConnection connection, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        (await Long(connection.Statement("SELECT EXISTS (SELECT 1 FROM usage_attempts WHERE at >= $1 AND at < $2)", from.UtcDateTime, to.UtcDateTime))
            .ReadAsync(row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false))[0];

    private static async Task<bool> LockAsync(string function, NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.Statement($"SELECT {function}(hashtext('usage_partitions'))").ReadAsync(row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false))[0];

    private static async Task<HashSet<string>> NamesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.Statement(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'usage_attempts'::regclass").ReadAsync(row => row.GetString(0), cancellationToken).ConfigureAwait(false))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>What the default partition caught of the day moves along: a partition cannot be added over rows that stand there.</summary>
    private static async Task AddAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if ((await NamesAsync(connection, cancellationToken).ConfigureAwait(false)).Contains(Name(day)))
            return;

        var (from, to) = (Bound(day), Bound(day.AddDays(1)));
        await connection.Statement("CREATE TEMP TABLE strays (LIKE usage_attempts) ON COMMIT DROP").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await Long(connection.Statement(
            $"WITH moved AS (DELETE FROM usage_attempts_default WHERE at >= '{from}' AND at < '{to}' RETURNING *) INSERT INTO strays SELECT * FROM moved")).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await Long(connection.Statement($"CREATE TABLE {Name(day)} PARTITION OF usage_attempts FOR VALUES FROM ('{from}') TO ('{to}')")).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await Long(connection.Statement("INSERT INTO usage_attempts SELECT * FROM strays")).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>For what grows with the rows that stand in the default partition.</summary>
    private static NpgsqlCommand Long(NpgsqlCommand command)
    {
        command.CommandTimeout = LongTimeoutSeconds;
        return command;
    }

    private static string Name(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{day:yyyyMMdd}");

    private static string Bound(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd} 00:00:00+00");

    private static DateOnly Day(string name) =>
        DateOnly.TryParseExact(name.AsSpan(Prefix.Length), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : DateOnly.MaxValue;

    [LoggerMessage(Level = LogLevel.Information, Message = "{Partition} holds receipts older than {Days} days, and is dropped")]
    private partial void LogDropped(Printable partition, double days);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Gone} receipts older than {Days} days that were in no day's partition are deleted")]
    private partial void LogPruned(int gone, double days);

    [LoggerMessage(Level = LogLevel.Error, Message = "Every receipt is older than {Days} days by PostgreSQL's clock, which says {Now}: none is dropped. Look at that clock and at Router__Usage__Retention")]
    private partial void LogRefused(double days, DateTimeOffset now);
}
