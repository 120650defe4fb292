using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Core.Usage;
using Router.Tests.Support;
using Router.Worker.Housekeeping;

namespace Router.Tests.Usage;

/// <summary>Receipts go by PostgreSQL's clock, never all at once, and not unseen.</summary>
public sealed class RetentionTests(PostgresFixture postgres) : IDisposable
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private readonly RecordingLogs _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A worker whose clock was 450 days ahead deleted all receipts within 15 s.</summary>
    [Fact]
    public async Task A_worker_whose_clock_is_wrong_deletes_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await WriteAsync(database, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(-10));
        using var logging = Logging();
        using var service = new UsagePartitionService(
            new UsagePartitions(database, logging.CreateLogger<UsagePartitions>()), Options.Create(new UsageOptions()), new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(450)), logging.CreateLogger<UsagePartitionService>());
        await service.StartAsync(Token);
        await Eventually.HoldsAsync(() => PartitionsAsync(database).GetAwaiter().GetResult() >= 5, TimeSpan.FromSeconds(20), Token);
        await service.StopAsync(Token);
        Assert.Equal(2, await CountAsync(database));
        await using var made = database.CreateCommand($"SELECT count(*) FROM pg_class WHERE relname = 'usage_attempts_{DateTimeOffset.UtcNow:yyyyMMdd}'");
        Assert.Equal(1L, await made.ExecuteScalarAsync(Token));
        Assert.DoesNotContain("dropped", _logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_every_receipt_would_go_none_does()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var start = new DateTimeOffset(2026, 1, 30, 12, 0, 0, TimeSpan.Zero);
        using var logging = Logging();
        var partitions = new UsagePartitions(database, logging.CreateLogger<UsagePartitions>());
        await partitions.TendAsync(start, Retention, Token);
        // One of them where no partition is made for it, and one of an API whose clock is ahead of everything.
        await WriteAsync(database, start, start.AddDays(1), start.AddDays(-20), start.AddDays(4_000));
        await partitions.TendAsync(start.AddDays(450), Retention, Token);
        Assert.Equal(4, await CountAsync(database));
        Assert.Contains("none is dropped", _logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_old_goes_where_something_is_left_and_each_partition_is_told()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var start = new DateTimeOffset(2026, 1, 30, 12, 0, 0, TimeSpan.Zero);
        using var logging = Logging();
        var partitions = new UsagePartitions(database, logging.CreateLogger<UsagePartitions>());
        await partitions.TendAsync(start, Retention, Token);
        await WriteAsync(database, start, start.AddDays(1), start.AddDays(-20), start.AddDays(100));
        await partitions.TendAsync(start.AddDays(100), Retention, Token);
        Assert.Equal(1, await CountAsync(database));
        Assert.Contains("usage_attempts_20260130 holds receipts older than 90 days, and is dropped", _logs.Text, StringComparison.Ordinal);
        Assert.Contains("usage_attempts_20260131 holds", _logs.Text, StringComparison.Ordinal);
        Assert.Contains("1 receipts older than 90 days", _logs.Text, StringComparison.Ordinal);
    }

    public void Dispose() => _logs.Dispose();

    private ILoggerFactory Logging() => LoggerFactory.Create(builder => builder.AddProvider(_logs));

    private static Task WriteAsync(NpgsqlDataSource database, params DateTimeOffset[] times) =>
        new UsageStore(database).WriteAsync(new UsageBatch().AddAll(times.Select((at, number) => UsageWriterTests.Make(number) with { At = at })), Token);

    private static Task<long> CountAsync(NpgsqlDataSource database) => AskAsync(database, "SELECT count(*) FROM usage_attempts");

    private static Task<long> PartitionsAsync(NpgsqlDataSource database) => AskAsync(database, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'usage_attempts'::regclass");

    private static async Task<long> AskAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
