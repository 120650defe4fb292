using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>Records on their way to Postgres: none lost, none twice.</summary>
public sealed class UsageWriterTests(PostgresFixture postgres) : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"router-usage-{Guid.NewGuid():N}");
    private readonly UsageQueue _queue = new();
    private readonly SpoolState _state = new(NullLogger<SpoolState>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_written_twice_is_there_once()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = new UsageStore(database);
        var batch = Enumerable.Range(0, 50).Select(i => Make(i)).ToArray();
        await store.WriteAsync(new UsageBatch().AddAll(batch), Token);
        await store.WriteAsync(new UsageBatch().AddAll(batch), Token);
        var read = await new UsageQueries(database).AttemptsAsync("w", null, new(null, null, null, null, null, null, null, null), null, 500, Token);
        Assert.Equal(50, read.Count);
        var (first, back) = (batch[7], read.Single(record => record.Id == batch[7].Id));
        // Postgres keeps microseconds.
        Assert.Equal(first with { At = back.At }, back);
        Assert.InRange((first.At - back.At).Duration(), TimeSpan.Zero, TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public async Task Of_a_batch_written_in_part_before_the_rest_is_added()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = new UsageStore(database);
        var records = Enumerable.Range(0, 60).Select(i => Make(i)).ToArray();
        await store.WriteAsync(new UsageBatch().AddAll(records[..40]), Token);
        await store.WriteAsync(new UsageBatch().AddAll([.. records[20..], records[59]]), Token);
        var read = await new UsageQueries(database).AttemptsAsync("w", null, new(null, null, null, null, null, null, null, null), null, 500, Token);
        Assert.Equal(records.Select(record => record.Id).Order(), read.Select(record => record.Id).Order());
        await store.WriteAsync(new UsageBatch().AddAll([Make(60)]), Token);
        Assert.Equal(61, await CountAsync(database));
    }

    [Fact]
    public async Task What_a_lost_database_does_not_take_waits_on_disk_and_arrives_once()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using (var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1"))
        {
            var down = Writer(gone);
            for (var i = 0; i < 30; i++)
            {
                _queue.Add(Make(i));
                if (i % 10 == 9)
                    await down.FlushAsync();
            }
        }

        Assert.Equal(3, Spool().Files().Count);
        // A new process finds what the old one left.
        _queue.Add(Make(30));
        var up = Writer(database);
        await up.FlushAsync();
        await up.DrainAsync(CancellationToken.None);
        Assert.Empty(Spool().Files());
        Assert.Equal(31, await CountAsync(database));
    }

    [Fact]
    public async Task What_comes_while_the_last_batch_is_written_arrives_too()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var holder = await database.OpenConnectionAsync(Token);
        await using var transaction = await holder.BeginTransactionAsync(Token);
        await using (var hold = new NpgsqlCommand("LOCK TABLE usage_attempts", holder))
            await hold.ExecuteNonQueryAsync(Token);
        var writer = new UsageWriter(
            _queue, new UsageStore(database), Spool(), _state, Options.Create(new UsageOptions { FlushInterval = TimeSpan.FromMilliseconds(10) }), TimeProvider.System, NullLogger<UsageWriter>.Instance);
        await writer.StartAsync(Token);
        _queue.Add(Make(1));
        while (_queue.Depth > 0)
            await Task.Delay(5, Token);
        var stopping = writer.StopAsync(Token);
        _queue.Add(Make(2));
        await transaction.RollbackAsync(Token);
        await stopping;
        Assert.Equal(0, _queue.Depth);
        Assert.Equal(2, await CountAsync(database));
    }

    [Fact]
    public async Task What_comes_while_a_batch_is_written_waits_for_the_next_turn()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var holder = await database.OpenConnectionAsync(Token);
        await using var transaction = await holder.BeginTransactionAsync(Token);
        await using (var hold = new NpgsqlCommand("LOCK TABLE usage_attempts", holder))
            await hold.ExecuteNonQueryAsync(Token);
        for (var i = 0; i <= UsageBatch.Most; i++)
            _queue.Add(Make(i));
        var flush = Writer(database).FlushAsync();
        // The full batch has been taken, the one record behind it not yet.
        Assert.Equal(1, _queue.Depth);
        _queue.Add(Make(-1));
        await transaction.RollbackAsync(Token);
        await flush;
        Assert.Equal(UsageBatch.Most + 2, await CountAsync(database));

        // A batch that is not full is the last of its turn, however much has come meanwhile.
        await using var again = await holder.BeginTransactionAsync(Token);
        await using (var hold = new NpgsqlCommand("LOCK TABLE usage_attempts", holder))
            await hold.ExecuteNonQueryAsync(Token);
        _queue.Add(Make(-2));
        flush = Writer(database).FlushAsync();
        _queue.Add(Make(-3));
        await again.RollbackAsync(Token);
        await flush;
        Assert.Equal(1, _queue.Depth);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_does_not_end_the_writer()
    {
        await File.WriteAllTextAsync(_directory + ".file", "no directory", Token);
        try
        {
            await using var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1");
            var writer = new UsageWriter(
                _queue, new UsageStore(gone), new UsageSpool(_directory + ".file", 1_000_000, TimeProvider.System), _state,
                Options.Create(new UsageOptions { FlushInterval = TimeSpan.FromMilliseconds(10) }), TimeProvider.System, NullLogger<UsageWriter>.Instance);
            await writer.StartAsync(Token);
            for (var i = 0; i < 3; i++)
                _queue.Add(Make(i));
            await Eventually.HoldsAsync(() => !_state.IsUsable, TimeSpan.FromSeconds(10), Token);
            Assert.False(writer.ExecuteTask!.IsCompleted);
            Assert.Equal(0, await DroppedAsync(() => Task.Delay(50, Token)));
            // It ends with nowhere to go: that is said, and counted.
            Assert.Equal(3, await DroppedAsync(() => writer.StopAsync(Token)));
        }
        finally
        {
            File.Delete(_directory + ".file");
        }
    }

    [Fact]
    public async Task A_batch_that_could_not_be_spooled_leaves_nothing_behind_and_the_spool_is_its_owners()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Spool().PutAsync([Make(1)], new CancellationToken(true)));
        Assert.Empty(Directory.EnumerateFiles(_directory));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory));
    }

    [Fact]
    public async Task Days_to_come_get_their_partitions_though_today_cannot_be_moved()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var start = new DateTimeOffset(2026, 1, 30, 23, 0, 0, TimeSpan.Zero);
        await new UsageStore(database).WriteAsync(new UsageBatch().AddAll([Make(0) with { At = start }]), Token);
        await using (var refuse = database.CreateCommand(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$; CREATE TRIGGER refuse BEFORE DELETE ON usage_attempts_default FOR EACH ROW EXECUTE FUNCTION refuse()"))
            await refuse.ExecuteNonQueryAsync(Token);
        var partitions = Partitions(database);
        await Assert.ThrowsAsync<PostgresException>(() => partitions.TendAsync(start, TimeSpan.FromDays(90), Token));
        await new UsageStore(database).WriteAsync(new UsageBatch().AddAll([Make(1) with { At = start.AddDays(1) }, Make(2) with { At = start.AddDays(3) }]), Token);
        Assert.Equal(1, await CountAsync(database, "usage_attempts_20260131"));
        Assert.Equal(1, await CountAsync(database, "usage_attempts_20260202"));
        await using (var allow = database.CreateCommand("DROP TRIGGER refuse ON usage_attempts_default"))
            await allow.ExecuteNonQueryAsync(Token);
        await partitions.TendAsync(start, TimeSpan.FromDays(90), Token);
        Assert.Equal(1, await CountAsync(database, "usage_attempts_20260130"));
    }

    [Fact]
    public async Task A_full_spool_takes_no_more_and_loses_none_of_what_it_has()
    {
        var spool = new UsageSpool(_directory, 30_000, TimeProvider.System);
        var taken = 0;
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (; taken < 100; taken++)
                await spool.PutAsync([Make(taken), Make(taken), Make(taken), Make(taken), Make(taken)], Token);
        });
        var kept = 0;
        foreach (var file in spool.Files())
            kept += (await UsageSpool.ReadAsync(file, Token))!.Count;
        Assert.InRange(taken, 2, 99);
        Assert.Equal(taken * 5, kept);
        Assert.InRange(spool.Files().Sum(file => new FileInfo(file).Length), 1, 30_000);
        Assert.Equal(taken, Directory.EnumerateFiles(_directory).Count());
    }

    [Fact]
    public async Task A_spoiled_file_costs_its_bad_lines_only()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await Spool().PutAsync([Make(1), Make(2)], Token);
        await File.AppendAllTextAsync(Spool().Files()[0], "{\"id\": \"nonsense\nnull\n{}\n", Token);
        await Writer(database).DrainAsync(CancellationToken.None);
        Assert.Equal(2, await CountAsync(database));
        Assert.Empty(Spool().Files());
    }

    [Fact]
    public async Task A_text_no_table_can_hold_does_not_stop_the_others()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        _queue.Add(Make(1) with { ResponseModel = "a\0b" });
        _queue.Add(Make(2));
        await Writer(database).FlushAsync();
        Assert.Equal(2, await CountAsync(database));
    }

    [Fact]
    public async Task Days_get_partitions_ahead_strays_move_into_them_and_old_days_go()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var store = new UsageStore(database);
        var partitions = Partitions(database);
        var start = new DateTimeOffset(2026, 1, 30, 23, 0, 0, TimeSpan.Zero);
        await store.WriteAsync(new UsageBatch().AddAll([Make(0) with { At = start }, Make(1) with { At = start.AddHours(2) }]), Token);
        Assert.Equal(2, await CountAsync(database, "usage_attempts_default"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => partitions.TendAsync(start, TimeSpan.FromDays(90), Token)));
        Assert.Equal(0, await CountAsync(database, "usage_attempts_default"));
        Assert.Equal(1, await CountAsync(database, "usage_attempts_20260131"));
        Assert.Equal(2, await CountAsync(database));
        await partitions.TendAsync(start.AddDays(91), TimeSpan.FromDays(90), Token);
        Assert.Equal(1, await CountAsync(database));
        await store.WriteAsync(new UsageBatch().AddAll([Make(2) with { At = start.AddDays(93) }]), Token);
        await partitions.TendAsync(start.AddDays(93), TimeSpan.FromDays(90), Token);
        Assert.Equal(1, await CountAsync(database));
    }

    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private static async Task<long> DroppedAsync(Func<Task> action)
    {
        var lost = 0L;
        // Made before it is listened for: while a class is being set up its instruments are published, and not yet to be had from it.
        var dropped = Router.Core.Telemetry.UsageTelemetry.Dropped;
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument, dropped))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref lost, count));
        listener.Start();
        await action();
        return Interlocked.Read(ref lost);
    }

    private static UsagePartitions Partitions(NpgsqlDataSource database) => new(database, NullLogger<UsagePartitions>.Instance);

    private UsageSpool Spool() => new(_directory, 1_000_000, TimeProvider.System);

    private UsageWriter Writer(NpgsqlDataSource database) =>
        new(_queue, new UsageStore(database), Spool(), _state, Options.Create(new UsageOptions()), new FakeTimeProvider(DateTimeOffset.UtcNow), NullLogger<UsageWriter>.Instance);

    private static async Task<long> CountAsync(NpgsqlDataSource database, string table = "usage_attempts")
    {
        await using var command = database.CreateCommand($"SELECT count(*) FROM {table}");
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    internal static UsageRecord Make(int number) => new(
        Guid.CreateVersion7(), DateTimeOffset.UtcNow, "w", "key", Guid.CreateVersion7(), number, "0af7651916cd43dd8448eb211c80319c", "openai", "gpt-4o", "gpt-4o-2024", "byok", "saved",
        "0123456789abcdef", true, "success", null, 120, 40, 10, 5, 20, 3, false, 0.000225m, 0.00000225m);
}
