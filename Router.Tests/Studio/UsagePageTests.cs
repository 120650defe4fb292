using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Router.Api.Studio.Pages;
using Router.Core.Keys;
using Router.Core.Usage;
using Router.Tests.Support;
using Router.Tests.Usage;

namespace Router.Tests.Studio;

/// <summary>The sums, rendered as the server renders them, over a real Postgres: what has no price is not free.</summary>
public sealed class UsagePageTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sums_say_how_many_attempts_they_hold_nothing_of_and_are_a_dash_where_they_hold_none()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "Mine", Token);
        await new UsageStore(database).WriteAsync(
            new UsageBatch().AddAll([
                Receipt("priced", 0.25m), Receipt("priced", 0.5m), Receipt("both", 0.25m), Receipt("both", null), Receipt("both", null), Receipt("unknown", null),
                Receipt("failed", null) with { InputTokens = null, OutputTokens = null, Outcome = "credential" },
            ]),
            Token);
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(UsagePage), async page =>
        {
            await page.GoAsync("mine", "id=\"owed\"");
            Assert.Contains("$1.00 + 3 unpriced", System.Net.WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = "model" }, "id", "group");
            await page.RaiseAsync("onchange", new ChangeEventArgs { Value = "Owed" }, "id", "measure");
            foreach (var (model, sum) in new[] { ("priced", "$0.75"), ("both", "$0.25 + 2 unpriced"), ("unknown", "–"), ("failed", "$0.00") })
            {
                var row = System.Net.WebUtility.HtmlDecode(page.Html.Split($"data-group=\"openai/{model}\"")[1].Split("</tr>")[0]);
                Assert.Equal(2, row.Split($">{sum}</td>").Length - 1);
                Assert.Contains($"title=\"Owed: {sum}\"", row, StringComparison.Ordinal);
            }

            Assert.Contains("id=\"owed\">$1.00 + 3 unpriced</td>", System.Net.WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
        });
    }

    private static UsageRecord Receipt(string model, decimal? price) => UsageWriterTests.Make(1) with
    {
        Id = Guid.CreateVersion7(),
        At = DateTimeOffset.UtcNow.AddSeconds(-1),
        WorkspaceId = "mine",
        Provider = "openai",
        Model = model,
        Outcome = "success",
        InputTokens = 10,
        OutputTokens = 5,
        ListPrice = price,
        Charge = price,
    };
}
