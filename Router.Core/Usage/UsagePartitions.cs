using System.Globalization;
using Npgsql;
using Router.Core.Keys;

namespace Router.Core.Usage;

/// <summary>The daily partitions of the usage table: made ahead, dropped when their day is beyond the retention.</summary>
public sealed class UsagePartitions(NpgsqlDataSource database)
{
    private const int DaysAhead = 3;
    private const string Prefix = "usage_attempts_";

    /// <summary>One at a time over all workers: the advisory lock ends with the transaction.</summary>
    public async Task TendAsync(DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement("SELECT pg_advisory_xact_lock(hashtext('usage_partitions'))").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        var existing = (await connection.Statement(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'usage_attempts'::regclass").ReadAsync(row => row.GetString(0), cancellationToken).ConfigureAwait(false))
            .ToHashSet(StringComparer.Ordinal);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        for (var day = today; day <= today.AddDays(DaysAhead); day = day.AddDays(1))
        {
            if (!existing.Contains(Name(day)))
                await AddAsync(connection, day, cancellationToken).ConfigureAwait(false);
        }

        var oldest = DateOnly.FromDateTime((now - retention).UtcDateTime);
        foreach (var name in existing.Where(name => Day(name) < oldest))
            await connection.Statement($"DROP TABLE {name}").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement("DELETE FROM usage_attempts_default WHERE at < $1", (now - retention).UtcDateTime).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the default partition caught of the day moves along: a partition cannot be added over rows that stand there.</summary>
    private static async Task AddAsync(NpgsqlConnection connection, DateOnly day, CancellationToken cancellationToken)
    {
        var (from, to) = (Bound(day), Bound(day.AddDays(1)));
        await connection.Statement("CREATE TEMP TABLE strays (LIKE usage_attempts) ON COMMIT DROP").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement(
            $"WITH moved AS (DELETE FROM usage_attempts_default WHERE at >= '{from}' AND at < '{to}' RETURNING *) INSERT INTO strays SELECT * FROM moved").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement($"CREATE TABLE {Name(day)} PARTITION OF usage_attempts FOR VALUES FROM ('{from}') TO ('{to}')").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement("INSERT INTO usage_attempts SELECT * FROM strays").ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await connection.Statement("DROP TABLE strays").ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Name(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{day:yyyyMMdd}");

    private static string Bound(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd} 00:00:00+00");

    private static DateOnly Day(string name) =>
        DateOnly.TryParseExact(name.AsSpan(Prefix.Length), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : DateOnly.MaxValue;
}
