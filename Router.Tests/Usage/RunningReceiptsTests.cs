using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>What was under way when a process was killed is known afterwards, once, and gives way to the truth.</summary>
public sealed class RunningReceiptsTests(PostgresFixture postgres, Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_noted_while_it_runs_under_the_id_of_its_receipt()
    {
        ChatRequest request = pipeline.Request(
            """{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Tell me something long."}],"simulate":{"chunks":2000,"delayBetweenChunksMs":20}}""", "sim-good-running");
        request.Options.Request.Stream = true;
        var running = new RunningReceipts(pipeline.Services.GetRequiredService<AttemptClocks>(), new AttemptCosts(pipeline.Catalog));
        var stream = pipeline.Router.GetStreamingResponseAsync(request.Messages, request.Options, Token).GetAsyncEnumerator(Token);
        List<UsageRecord> noted = [];
        while (noted.Count == 0)
        {
            Assert.True(await stream.MoveNextAsync());
            noted = running.Now();
        }

        await stream.DisposeAsync();
        UsageRecord one = Assert.Single(noted);
        Assert.True(one is { Outcome: "lost", Provider: "openai", Stream: true, Estimated: true, InputTokens: > 3 and < 20, OutputTokens: > 0, DurationMs: >= 1000 }, one.ToString());
        Assert.Empty(running.Now());
        UsageRecord receipt = UsageRecorder.Record(request.Options.Request, Assert.Single(request.Options.Request.Attempts), 1);
        Assert.Equal((receipt.Id, receipt.At), (one.Id, one.At));
        Assert.Equal(7, one.Id.Version);
    }

    [Fact]
    public async Task What_a_dead_process_had_under_way_is_settled_once_and_the_real_receipt_replaces_it()
    {
        await using NpgsqlDataSource database = await postgres.CreateDatabaseAsync(Token);
        var (store, receipts) = (new RunningStore(database), new UsageStore(database));
        (Guid dead, Guid alive) = (Guid.NewGuid(), Guid.NewGuid());
        UsageRecord[] lost = [.. Enumerable.Range(1, 3).Select(i => UsageWriterTests.Make(i) with { Outcome = RunningReceipts.Lost, Estimated = true, OutputTokens = 1 })];
        UsageRecord lives = UsageWriterTests.Make(4) with { Outcome = RunningReceipts.Lost };
        await store.NoteAsync(dead, lost, Token);
        // Noted again with more tokens, as it runs on.
        lost[0] = lost[0] with { OutputTokens = 7 };
        await store.NoteAsync(dead, lost, Token);
        await store.NoteAsync(alive, [lives], Token);
        Assert.Equal(0, await store.SettleAsync(TimeSpan.FromSeconds(30), Token));
        await ExecuteAsync(database, $"UPDATE usage_running SET noted_at = noted_at - interval '1 minute' WHERE process = '{dead}'");
        // One of them had written its receipt before it died.
        await receipts.WriteAsync(new UsageBatch().AddAll([lost[2] with { Outcome = "success", OutputTokens = 99 }]), Token);

        int[] settled = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.SettleAsync(TimeSpan.FromSeconds(30), Token)));
        Assert.Equal(3, settled.Sum());
        Assert.Equal([("lost", 7L), ("lost", 1L), ("success", 99L)], await ReadAsync(database));

        // And one's was on a disk that another process drains later.
        await receipts.WriteAsync(new UsageBatch().AddAll([lost[1] with { Outcome = "success", OutputTokens = 55 }, UsageWriterTests.Make(9) with { OutputTokens = 2 }]), Token);
        await receipts.WriteAsync(new UsageBatch().AddAll([lost[1] with { Outcome = "cancelled", OutputTokens = 0 }]), Token);
        Assert.Equal([("lost", 7L), ("success", 55L), ("success", 99L), ("success", 2L)], await ReadAsync(database));

        await store.ForgetAsync(alive, Token);
        Assert.Equal(0L, await ScalarAsync(database, "SELECT count(*) FROM usage_running"));
    }

    [Fact]
    public async Task What_has_ended_is_forgotten_by_the_process_it_ran_in_a_little_later()
    {
        await using NpgsqlDataSource database = await postgres.CreateDatabaseAsync(Token);
        var store = new RunningStore(database);
        var process = Guid.NewGuid();
        UsageRecord[] two = [UsageWriterTests.Make(1), UsageWriterTests.Make(2)];
        await store.NoteAsync(process, two, Token);
        await store.NoteAsync(process, two[..1], Token);
        Assert.Equal(2L, await ScalarAsync(database, "SELECT count(*) FROM usage_running"));
        await ExecuteAsync(database, "UPDATE usage_running SET noted_at = noted_at - interval '3 seconds'");
        await store.NoteAsync(process, two[..1], Token);
        Assert.Equal(two[0].Id, await ScalarAsync(database, "SELECT id FROM usage_running"));
    }

    [Fact]
    public async Task Right_after_an_outage_nobody_is_taken_for_dead()
    {
        await using NpgsqlDataSource database = await postgres.CreateDatabaseAsync(Token);
        var store = new RunningStore(database);
        await store.NoteAsync(Guid.NewGuid(), [UsageWriterTests.Make(1)], Token);
        await ExecuteAsync(database, "UPDATE usage_running SET noted_at = noted_at - interval '1 minute'");
        var time = new FakeTimeProvider();
        using var lost = new LostReceipts(store, time, NullLogger<LostReceipts>.Instance);
        Assert.Equal(0, await lost.RunOnceAsync(Token));
        time.Advance(LostReceipts.Silence);
        await ExecuteAsync(database, "ALTER TABLE usage_running RENAME TO away");
        await Assert.ThrowsAsync<PostgresException>(() => lost.RunOnceAsync(Token));
        await ExecuteAsync(database, "ALTER TABLE away RENAME TO usage_running");
        Assert.Equal(0, await lost.RunOnceAsync(Token));
        time.Advance(LostReceipts.Silence);
        Assert.Equal(1, await lost.RunOnceAsync(Token));
    }

    private static async Task<List<(string, long)>> ReadAsync(NpgsqlDataSource database)
    {
        await using NpgsqlCommand command = database.CreateCommand("SELECT outcome, output_tokens FROM usage_attempts ORDER BY attempt");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Token);
        List<(string, long)> rows = [];
        while (await reader.ReadAsync(Token))
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
