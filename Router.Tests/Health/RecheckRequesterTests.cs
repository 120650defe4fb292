using Microsoft.Extensions.Logging;
using Npgsql;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Health;

public sealed class RecheckRequesterTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_postgres_does_not_take_is_kept_until_it_does()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await new WorkspaceStore(database).CreateAsync("w", "W", Token);
        var keys = TestKeys.ProviderKeys(database, TestKeys.Ring());
        await keys.SaveAsync("w", "openai", new("sk-key"), TestKeys.Verdict(next: TimeSpan.FromHours(1)), Token);
        var key = (await keys.FindAsync("w", "openai", Token))!;

        // The only connection there is is in use.
        await using var narrow = NpgsqlDataSource.Create($"{database.ConnectionString};Maximum Pool Size=1;Timeout=1");
        var (outbox, logs) = (new HealthOutbox(), new RecordingLogs());
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(logs));
        using var requester = new RecheckRequester(outbox, new KeyCheckStore(narrow), TimeProvider.System, factory.CreateLogger<RecheckRequester>());
        await using (await narrow.OpenConnectionAsync(Token))
        {
            await requester.StartAsync(Token);
            outbox.RequestRecheck(new(key.Id, "w", key.Version, "00-trace"));
            await Eventually.HoldsAsync(() => logs.Text.Contains("cannot be asked for", StringComparison.Ordinal), TimeSpan.FromSeconds(10), Token);
        }

        await Eventually.HoldsAsync(() => logs.Text.Contains("asked for again", StringComparison.Ordinal), TimeSpan.FromSeconds(10), Token);
        await requester.StopAsync(Token);
        Assert.Equal("00-trace", Assert.Single(await new KeyCheckStore(database).ClaimDueAsync("worker", 10, TimeSpan.FromMinutes(1), Token)).Traceparent);
    }
}
