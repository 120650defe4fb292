using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Support;

namespace Router.Tests.Worker;

/// <summary>What the worker's checks find out about stored keys, at every provider as the simulator plays it.</summary>
public sealed class ThoroughCheckTests(PostgresFixture postgres, Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_without_credit_stays_one_until_an_answer_shows_otherwise()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        Assert.All((await CheckAllAsync(database, "sim-nocredit-scheduled", CredentialStatus.Quota)).Values, status => Assert.Equal(CredentialStatus.Quota, status));
        Assert.All((await CheckAllAsync(database, "sim-good-again", CredentialStatus.Quota)).Values, status => Assert.Equal(CredentialStatus.Valid, status));
    }

    [Fact]
    public async Task A_key_that_may_call_no_models_stays_limited()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        Assert.All((await CheckAllAsync(database, "sim-noaccess", CredentialStatus.Limited)).Values, status => Assert.Equal(CredentialStatus.Limited, status));
    }

    [Fact]
    public async Task A_key_that_may_call_models_and_list_none_stays_valid()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        Assert.All((await CheckAllAsync(database, "sim-restricted-scheduled", CredentialStatus.Valid)).Values, status => Assert.Equal(CredentialStatus.Valid, status));
    }

    [Fact]
    public async Task A_key_that_ran_out_of_credit_in_a_request_is_found_to_have()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        Assert.All((await CheckAllAsync(database, "sim-nocredit-live", CredentialStatus.Valid, failedLive: true)).Values, status => Assert.Equal(CredentialStatus.Quota, status));
    }

    [Fact]
    public async Task A_good_key_is_never_asked_for_an_answer_on_schedule()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var (key, providers) = ("sim-good-on-schedule", pipeline.Providers.All.Length);
        Assert.All((await CheckAllAsync(database, key, CredentialStatus.Valid)).Values, status => Assert.Equal(CredentialStatus.Valid, status));
        Assert.Equal(providers, (await pipeline.JournalAsync(key)).Count);
    }

    /// <summary>Saves the key for every provider with a status, has the worker check each once and tells what it made of them.</summary>
    private async Task<Dictionary<string, CredentialStatus>> CheckAllAsync(NpgsqlDataSource database, string key, CredentialStatus status, bool failedLive = false)
    {
        var ring = TestKeys.Ring();
        var store = TestKeys.ProviderKeys(database, ring);
        var checks = new KeyCheckStore(database);
        await new WorkspaceStore(database).CreateAsync("w", "W", Token);
        foreach (var provider in pipeline.Providers.All)
        {
            var saved = (await store.SaveAsync("w", provider.Slug, new Secret(key), TestKeys.Verdict(status, TimeSpan.Zero), Token))!;
            if (failedLive)
                await checks.RequestRecheckAsync(saved.Id, "w", saved.Version, TimeSpan.Zero, null, Token);
        }

        var rechecker = TestKeys.Rechecker(
            database, ring, pipeline.Services.GetRequiredService<IKeyChecker>(), TimeProvider.System, pipeline.Providers, pipeline.Services.GetRequiredService<InferenceProbe>());
        foreach (var due in await checks.ClaimDueAsync("worker", 50, TimeSpan.FromMinutes(1), Token))
            await rechecker.RecheckAsync(due, "worker", TimeSpan.FromSeconds(20), Token);
        return (await store.ListAsync("w", Token)).ToDictionary(one => one.Provider, one => one.Status);
    }
}
