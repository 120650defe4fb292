using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Tests.Support;
using Router.Worker.Migrations;

namespace Router.Tests.Worker;

public sealed class DatabaseReadinessTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_there_and_cannot_be_seen_is_waited_for_with_patience()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        // What a pooler that has not heard of the database does: it is created, or was, and the next connection is refused all the same.
        await using var unseen = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "nobody_creates_this", Pooling = false });
        var time = new FakeTimeProvider();
        var waiting = new DatabaseReadiness(unseen, time, NullLogger<DatabaseReadiness>.Instance).WaitAsync(database.ConnectionString, Token);
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return waiting.IsCompleted;
            },
            TimeSpan.FromSeconds(30),
            Token);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public async Task A_database_that_is_missing_is_created()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var missing = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = $"made_{Guid.NewGuid():N}", Pooling = false };
        await using var source = NpgsqlDataSource.Create(missing);
        await new DatabaseReadiness(source, TimeProvider.System, NullLogger<DatabaseReadiness>.Instance).WaitAsync(missing.ConnectionString, Token);
        await using var connection = await source.OpenConnectionAsync(Token);
    }
}
