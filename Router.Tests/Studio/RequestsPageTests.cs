using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Router.Api.Studio.Pages;
using Router.Core.Keys;
using Router.Core.Usage;
using Router.Tests.Support;
using Router.Tests.Usage;

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

    [Fact]
    public async Task A_filter_chooses_requests_and_shows_every_attempt_of_each_under_its_number()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "mine", Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        var (failedOver, plain) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await WriteAsync(
            database,
            Receipt(failedOver, 1, "openai", "credential", "byok"),
            Receipt(failedOver, 2, "openai", "transient", "system"),
            Receipt(failedOver, 3, "groq", "success", "system"),
            Receipt(plain, 1, "openai", "success", "system"));
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(RequestsPage), async page =>
        {
            await page.GoAsync("mine", plain.ToString());
            Assert.Equal(4, Attempts(page).Length);
            foreach (var (field, value) in new[] { ("outcome", "credential"), ("outcome", "transient"), ("type", "byok"), ("provider", "groq") })
            {
                await ChooseAsync(page, field, value);
                Assert.Equal(["1 credential", "2 transient", "3 success"], Attempts(page));
                Assert.DoesNotContain(plain.ToString(), page.Html, StringComparison.Ordinal);
                await ChooseAsync(page, field, "");
            }

            // All of it must hold for one attempt.
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = "groq" }, "id", "provider");
            await ChooseAsync(page, "outcome", "credential");
            Assert.Contains("No request has such an attempt.", page.Html, StringComparison.Ordinal);
        });

        async Task ChooseAsync(RenderedPage page, string field, string value)
        {
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = value }, "id", field);
            await page.RaiseAsync("onsubmit", EventArgs.Empty);
        }
    }

    [Fact]
    public async Task A_request_whose_attempts_lie_on_both_sides_of_a_page_is_listed_once_and_whole()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var usage = new UsageQueries(database);
        var all = Enumerable.Range(0, 30).Select(_ => Guid.CreateVersion7()).ToArray();
        await WriteAsync(database, [.. all.SelectMany((id, i) => Enumerable.Range(1, 3).Select(number => Receipt(id, number, "openai", number == 3 ? "success" : "transient", "system") with { At = DateTimeOffset.UtcNow.AddSeconds(-i) }))]);
        var filter = new AttemptFilter(null, null, null, null, null, "transient", null, null);
        var (seen, cursor) = (new List<Guid>(), (AttemptCursor?)null);
        do
        {
            var page = await usage.GenerationsAsync("mine", null, filter, cursor, 7, Token);
            Assert.All(page.Generations, request => Assert.Equal([1, 2, 3], request.Attempts.Select(attempt => attempt.Attempt)));
            seen.AddRange(page.Generations.Select(request => request.Id).Except(seen));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(all.ToHashSet(), seen.ToHashSet());
        Assert.Empty((await usage.GenerationsAsync("another", null, filter, null, 7, Token)).Generations);
    }

    [Fact]
    public async Task An_attempt_without_a_price_shows_a_dash_and_one_that_cost_nothing_shows_nothing_else()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "mine", Token);
        var (unpriced, failed, priced) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await WriteAsync(
            database,
            Receipt(unpriced, 1, "xai", "success", "system") with { ListPrice = null, Charge = null },
            Receipt(failed, 1, "groq", "credential", "byok") with { InputTokens = null, OutputTokens = null, ListPrice = null, Charge = null },
            Receipt(priced, 1, "openai", "success", "system"));
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(RequestsPage), async page =>
        {
            await page.GoAsync("mine", unpriced.ToString());
            var sections = page.Html.Split("<section").Skip(1).ToDictionary(part => part.Split("data-generation=\"")[1][..36]);
            Assert.Contains(">–</span>", sections[unpriced.ToString()], StringComparison.Ordinal);
            Assert.DoesNotContain("$", sections[unpriced.ToString()], StringComparison.Ordinal);
            Assert.DoesNotContain("data-unpriced", sections[failed.ToString()], StringComparison.Ordinal);
            Assert.DoesNotContain("data-unpriced", sections[priced.ToString()], StringComparison.Ordinal);
            Assert.Contains("$0.25", sections[priced.ToString()], StringComparison.Ordinal);
        });
    }

    private static string[] Attempts(RenderedPage page) =>
        [.. System.Text.RegularExpressions.Regex.Matches(page.Html, "<li value=\"(\\d+)\" data-outcome=\"(\\w+)\"").Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}")];

    private static Task WriteAsync(NpgsqlDataSource database, params UsageRecord[] receipts) => new UsageStore(database).WriteAsync(new UsageBatch().AddAll(receipts), Token);

    private static UsageRecord Receipt(Guid generation, int number, string provider, string outcome, string type) => UsageWriterTests.Make(number) with
    {
        Id = Guid.CreateVersion7(),
        At = DateTimeOffset.UtcNow,
        WorkspaceId = "mine",
        GenerationId = generation,
        Attempt = number,
        Provider = provider,
        Outcome = outcome,
        CredentialType = type,
        InputTokens = 10,
        OutputTokens = 5,
        ListPrice = 0.25m,
        Charge = 0.25m,
    };

    private static async Task<long> CountAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(Waiting);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
