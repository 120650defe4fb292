using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Router.Api.Studio.Pages;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>The list of requests, rendered as the server renders it, over a real Postgres.</summary>
public sealed class RequestsPageTests(PostgresFixture postgres)
{
    private const string Waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%usage_attempts%'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_that_keeps_itself_up_to_date_asks_a_slow_database_one_question_at_a_time()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "mine", Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(RequestsPage), async page =>
        {
            await page.GoAsync("mine", "id=\"live\"");
            await using var holder = await database.OpenConnectionAsync(Token);
            await using var hold = await holder.BeginTransactionAsync(Token);
            await using var command = new NpgsqlCommand("LOCK TABLE usage_attempts IN ACCESS EXCLUSIVE MODE", holder, hold);
            await command.ExecuteNonQueryAsync(Token);
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = true }, "id", "live");
            for (var tick = 0; tick < 5; tick++)
            {
                host.Time.Advance(TimeSpan.FromSeconds(2));
                await Task.Delay(50, Token);
            }

            for (var look = 0; await CountAsync(database) == 0; look++)
            {
                Assert.True(look < 200, "The page asked nothing.");
                await Task.Delay(10, Token);
            }

            await Task.Delay(200, Token);
            Assert.Equal(1, await CountAsync(database));
        });
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(Waiting);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
