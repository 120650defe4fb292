using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Router.Api.Studio.Pages;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;

namespace Router.Tests.Studio;

/// <summary>How a stored key is named and when it was checked, on the pages and in the API.</summary>
public sealed class KeyNamesTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(typeof(ProviderKeysPage))]
    [InlineData(typeof(KeyHealthPage))]
    public async Task A_service_account_shows_its_name_and_project_and_a_short_key_is_none(Type type)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await SaveAsync(host, "google-vertex", FakeGoogle.Account("robot@acme.iam.gserviceaccount.com", "acme-prod"));
        var shortKey = await SaveAsync(host, "openai", "short");
        await SaveAsync(host, "groq", "gsk_long_enough_1234");
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, type, async page =>
        {
            await page.GoAsync("mine", "robot@acme.iam.gserviceaccount.com");
            Assert.Contains("service account, project acme-prod", page.Html, StringComparison.Ordinal);
            Assert.Contains("…1234", page.Html, StringComparison.Ordinal);
            Assert.Contains($"#{shortKey.Fingerprint[..8]}", page.Html, StringComparison.Ordinal);
            Assert.Equal(1, page.Html.Split("service account").Length - 1);
            Assert.DoesNotContain("PRIVATE KEY", page.Html, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("""{"service_account":{"client_email":"a@b.iam","private_key":"p","project_id":"inner"},"project_id":"outer"}""", "a@b.iam", "outer")]
    [InlineData("""{"service_account":"{\"client_email\":\"a@b.iam\",\"project_id\":\"inner\"}"}""", "a@b.iam", "inner")]
    [InlineData("""{"client_email":"a@b.iam"}""", "a@b.iam", null)]
    [InlineData("""{"client_email":"a b@\u0007"}""", null, null)]
    [InlineData("""{"client_email":5}""", null, null)]
    [InlineData("""{"service_account":"no json"}""", null, null)]
    [InlineData("{", null, null)]
    [InlineData("sk-key", null, null)]
    public void An_accounts_name_is_read_from_every_shape_it_is_stored_in(string text, string? email, string? project)
    {
        var name = AccountName.Of(new Secret(text));
        Assert.Equal((email, project), (name?.Email, name?.Project));
    }

    [Fact]
    public async Task An_account_that_was_saved_before_its_name_was_kept_is_named_by_its_next_check()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await SaveAsync(host, "google-vertex", FakeGoogle.Account("robot@acme.iam", "acme-prod"));
        await database.CreateCommand("UPDATE provider_keys SET account_email = NULL, account_project = NULL").ExecuteNonQueryAsync(Token);
        var store = host.Services.GetRequiredService<ProviderKeyStore>();
        var stored = (await store.FindSealedAsync("mine", "google-vertex", Token))!;
        await new KeyRechecker(
            host.Services.GetRequiredService<KeyCheckStore>(), host.Services.GetRequiredService<KeyCipher>(), new FakeKeyChecker(KeyCheckOutcome.Valid),
            host.Services.GetRequiredService<RevalidationPolicy>(), host.Services.GetRequiredService<HealthPublisher>(), host.Services.GetRequiredService<StateChannel>(), TimeProvider.System)
            .RecheckAsync(stored, null, TimeSpan.FromSeconds(5), Token);
        var key = (await store.FindAsync("mine", "google-vertex", Token))!;
        Assert.Equal(("robot@acme.iam", "acme-prod"), (key.AccountEmail, key.AccountProject));
    }

    [Fact]
    public async Task A_key_nobody_could_check_shows_when_that_was_tried_and_when_it_is_tried_next()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await StudioHost.StartAsync(database, Token);
        await SaveAsync(host, "openai", "sk-unreachable-1234", new KeyVerdict(CredentialStatus.Unverifiable, "OpenAI could not be reached.", null, TimeSpan.FromMinutes(5), 1, Conclusive: false));
        await SaveAsync(host, "groq", "gsk-good-key-1234");
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(ProviderKeysPage), async page =>
        {
            await page.GoAsync("mine", "data-tried");
            Assert.Contains("Last tried", page.Html, StringComparison.Ordinal);
            Assert.Contains("next try", page.Html, StringComparison.Ordinal);
            Assert.Matches("in [45] min", page.Html);
            Assert.DoesNotContain("not yet", page.Html, StringComparison.Ordinal);
            Assert.Equal(1, page.Html.Split("data-tried").Length - 1);
        });

        // A later try that tells nothing stands beside the check that did.
        await database.CreateCommand("UPDATE provider_keys SET checked_at = now() - interval '150 minutes' WHERE provider = 'groq'").ExecuteNonQueryAsync(Token);
        await RenderedPage.OpenAsync(host, StudioHost.AdminKey, typeof(ProviderKeysPage), async page =>
        {
            await page.GoAsync("mine", "2 h ago");
            Assert.Equal(2, page.Html.Split("data-tried").Length - 1);
        });
    }

    private static async Task<ProviderKeyRecord> SaveAsync(StudioHost host, string provider, string key, KeyVerdict? verdict = null)
    {
        await host.Services.GetRequiredService<WorkspaceStore>().CreateAsync("mine", "Mine", Token);
        var saved = await host.Services.GetRequiredService<ProviderKeyStore>().SaveAsync("mine", provider, new Secret(key), verdict ?? TestKeys.Verdict(), Token);
        await host.Services.GetRequiredService<SnapshotRefresher>().RefreshAsync(Token);
        return saved!;
    }
}
