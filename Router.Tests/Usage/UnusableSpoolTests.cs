using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>A spool that cannot be written to costs no receipt while memory holds them, and is told of: at the start, in health, once each way in the log.</summary>
public sealed class UnusableSpoolTests(PostgresFixture postgres) : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"router-usage-{Guid.NewGuid():N}");
    private readonly UsageQueue _queue = new();
    private readonly RecordingLogs _logs = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_path_that_is_none_loses_nothing_and_is_known_from_the_start()
    {
        // A file stands where the directory should: nobody can make it, root included.
        await File.WriteAllTextAsync(_directory, "no directory", Token);
        await using var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1");
        var (writer, state) = Writer(gone, 1_000_000);
        await writer.TestSpoolAsync();
        Assert.Equal(HealthStatus.Degraded, (await state.CheckHealthAsync(new(), Token)).Status);
        for (var i = 0; i < 2_000; i++)
        {
            _queue.Add(UsageWriterTests.Make(i));
            if (i % 100 == 0)
                await writer.FlushAsync();
        }

        Assert.Equal(2_000, _queue.Depth);
        Assert.Equal(1, Count("The spool of usage records cannot be used"));
        await ArrivesAsync(2_000);

        // Somebody mends it.
        File.Delete(_directory);
        await writer.TestSpoolAsync();
        await writer.TestSpoolAsync();
        Assert.Equal(HealthStatus.Healthy, (await state.CheckHealthAsync(new(), Token)).Status);
        Assert.Equal(1, Count("can be used again"));
        Assert.Empty(Directory.EnumerateFiles(_directory));
    }

    [Fact]
    public async Task A_spool_that_is_full_keeps_what_it_has_and_the_rest_waits_in_memory()
    {
        await using var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1");
        var (writer, state) = Writer(gone, 64 * 1024);
        for (var i = 0; i < 2_000; i++)
        {
            _queue.Add(UsageWriterTests.Make(i));
            if (i % 50 == 0)
                await writer.FlushAsync();
        }

        Assert.InRange(_queue.Depth, 1_000, 1_999);
        Assert.False(state.IsUsable);
        Assert.Equal(1, Count("The spool of usage records cannot be used"));
        await ArrivesAsync(2_000);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told_once_and_keeps_no_other_from_arriving()
    {
        await using (var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1"))
        {
            _queue.Add(UsageWriterTests.Make(1));
            await Writer(gone, 1_000_000).Writer.FlushAsync();
        }

        // The first in order, and nobody else may open it.
        await using var held = new FileStream(Path.Combine(_directory, "00000000000000000-1-000001.usage"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var (writer, _) = Writer(database, 1_000_000);
        for (var i = 0; i < 3; i++)
        {
            _queue.Add(UsageWriterTests.Make(2 + i));
            await writer.FlushAsync();
            await writer.DrainAsync(Token);
        }

        Assert.Equal(4, await CountAsync(database));
        Assert.Equal(1, Count("cannot be read"));
    }

    [Fact]
    public void What_nothing_took_is_the_next_to_be_tried_and_what_comes_beyond_the_bound_is_lost()
    {
        for (var i = 0; i < UsageQueue.Capacity; i++)
            _queue.Add(UsageWriterTests.Make(i));
        var oldest = _queue.Take()!;
        _queue.PutBack(oldest);
        _queue.Add(UsageWriterTests.Make(-1));
        Assert.Equal(UsageQueue.Capacity, _queue.Depth);
        Assert.Same(oldest, _queue.Take());
        Assert.Equal(UsageQueue.Capacity - oldest.Count, _queue.Depth);
    }

    public void Dispose()
    {
        _logs.Dispose();
        if (File.Exists(_directory))
            File.Delete(_directory);
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Postgres is back: all of them are there, each once.</summary>
    private async Task ArrivesAsync(int records)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var (writer, _) = Writer(database, 64 * 1024);
        while (_queue.Depth > 0)
            await writer.FlushAsync();
        await writer.DrainAsync(Token);
        Assert.Equal(records, await CountAsync(database));
    }

    private (UsageWriter Writer, SpoolState State) Writer(NpgsqlDataSource database, long spoolBytes)
    {
        var logging = LoggerFactory.Create(builder => builder.AddProvider(_logs));
        var state = new SpoolState(logging.CreateLogger<SpoolState>());
        return (new(_queue, new UsageStore(database), new UsageSpool(_directory, spoolBytes, TimeProvider.System), state, Options.Create(new UsageOptions()), _time, logging.CreateLogger<UsageWriter>()), state);
    }

    private int Count(string words) => _logs.Text.Split(words).Length - 1;

    private static async Task<long> CountAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT count(*) FROM usage_attempts");
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
