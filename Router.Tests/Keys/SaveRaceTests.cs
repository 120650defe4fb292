using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Keys;

/// <summary>Saves are checked with a provider that may be slow. Whatever ends first, what began last holds.</summary>
public sealed class SaveRaceTests(PostgresFixture postgres)
{
    private const string Workspace = "/api/workspaces/default";
    private const string Path = $"{Workspace}/provider-keys/openai";
    private const string Old = "sk-older-save-000000";
    private const string New = "sk-newer-save-111111";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_slow_older_save_does_not_win_over_a_newer_one()
    {
        await RunAsync(async race =>
        {
            var older = await race.BeginAsync(Old);
            Assert.Equal(HttpStatusCode.OK, (await race.SaveAsync(New)).StatusCode);
            await AssertOvertakenAsync(await race.EndAsync(Old, older));
            Assert.Equal(New, race.Stored);
            var audit = await race.Client.GetFromJsonAsync<JsonElement>($"{Workspace}/audit", Token);
            Assert.Contains(audit.GetProperty("entries").EnumerateArray(), entry => entry.GetProperty("outcome").GetString() == "provider_key_replaced");
        });
    }

    [Fact]
    public async Task A_newer_save_wins_though_an_older_one_ends_first()
    {
        await RunAsync(async race =>
        {
            var older = await race.BeginAsync(Old);
            var newer = await race.BeginAsync(New);
            Assert.Equal(HttpStatusCode.OK, (await race.EndAsync(Old, older)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await race.EndAsync(New, newer)).StatusCode);
            Assert.Equal(New, race.Stored);
        });
    }

    [Theory]
    [InlineData(true, HttpStatusCode.NoContent)]
    [InlineData(false, HttpStatusCode.NotFound)]
    public async Task A_delete_during_a_slow_save_is_the_last_word(bool stored, HttpStatusCode deleted)
    {
        await RunAsync(async race =>
        {
            if (stored)
                await race.SaveAsync(New);
            var slow = await race.BeginAsync(Old);
            Assert.Equal(deleted, (await race.Client.DeleteAsync(Path, Token)).StatusCode);
            await AssertOvertakenAsync(await race.EndAsync(Old, slow));
            Assert.Null(race.Stored);
            Assert.Equal(HttpStatusCode.NotFound, (await race.Client.GetAsync(Path, Token)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await race.SaveAsync(New)).StatusCode);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_save_does_not_outlive_its_workspace_nor_enter_one_of_the_same_name(bool anew)
    {
        await RunAsync(async race =>
        {
            var slow = await race.BeginAsync(Old);
            Assert.Equal(HttpStatusCode.NoContent, (await race.Client.DeleteAsync(Workspace, Token)).StatusCode);
            if (anew)
            {
                Assert.Equal(HttpStatusCode.Created, (await race.Client.PostAsJsonAsync("/api/workspaces", new { id = "default" }, Token)).StatusCode);
                var second = await race.BeginAsync(New);
                await AssertOvertakenAsync(await race.EndAsync(Old, slow));
                Assert.Equal(HttpStatusCode.OK, (await race.EndAsync(New, second)).StatusCode);
                Assert.Equal(New, race.Stored);
            }
            else
            {
                Assert.Equal(HttpStatusCode.NotFound, (await race.EndAsync(Old, slow)).StatusCode);
            }
        });
    }

    [Fact]
    public async Task A_save_for_one_provider_is_no_concern_of_anothers()
    {
        await RunAsync(async race =>
        {
            var slow = await race.BeginAsync(Old);
            Assert.Equal(HttpStatusCode.OK, (await race.Client.PutAsJsonAsync($"{Workspace}/provider-keys/groq", new { api_key = New }, Token)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await race.EndAsync(Old, slow)).StatusCode);
            Assert.Equal(Old, race.Stored);
        });
    }

    [Fact]
    public async Task A_tag_that_is_not_the_stored_keys_changes_nothing_and_sends_nothing()
    {
        await RunAsync(async race =>
        {
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await race.SaveAsync(New, ("If-Match", "*"))).StatusCode);
            var first = (await race.SaveAsync(Old, ("If-None-Match", "*"))).Headers.ETag!.Tag;
            Assert.Equal(first, (await race.Client.GetAsync(Path, Token)).Headers.ETag!.Tag);
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await race.SaveAsync(New, ("If-None-Match", "*"))).StatusCode);
            var second = (await race.SaveAsync(New, ("If-Match", $"\"other\", {first}"))).Headers.ETag!.Tag;
            Assert.NotEqual(first, second);
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await race.SaveAsync(Old, ("If-Match", first))).StatusCode);
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await race.DeleteAsync(first)).StatusCode);
            Assert.Equal([Old, New], race.Host.Checked);
            Assert.Equal(New, race.Stored);
            Assert.Equal(HttpStatusCode.NoContent, (await race.DeleteAsync(second)).StatusCode);
            Assert.Null(race.Stored);
        });
    }

    [Fact]
    public async Task A_key_that_is_deleted_during_its_check_is_not_asked_for_an_answer()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await new WorkspaceStore(database).CreateAsync("one", "One", Token);
        var ring = TestKeys.Ring();
        var store = TestKeys.ProviderKeys(database, ring);
        await store.SaveAsync("one", "openai", new Secret(Old), TestKeys.Verdict(), Token);
        var stored = (await store.FindSealedAsync("one", "openai", Token))!;
        var checks = new FakeKeyChecker(Router.Core.Providers.KeyCheckOutcome.Valid);
        Assert.True(await store.DeleteAsync("one", "openai", Token));
        Assert.Null(await TestKeys.Rechecker(database, ring, checks).RecheckAsync(stored, null, TimeSpan.FromSeconds(5), Token));
        Assert.Empty(checks.Checked);
    }

    private static async Task AssertOvertakenAsync(HttpResponseMessage response)
    {
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal((HttpStatusCode.Conflict, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("provider_key_replaced", problem.GetProperty("code").GetString());
        Assert.Contains("not saved", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task RunAsync(Func<Race, Task> run)
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var race = new Race(host);
        await run(race);
    }

    /// <summary>Saves whose provider answers when told.</summary>
    private sealed class Race : IDisposable
    {
        private readonly ConcurrentDictionary<string, (TaskCompletionSource Asked, TaskCompletionSource Answer)> _slow = [];

        public Race(ControlPlaneHost host)
        {
            (Host, Client) = (host, host.Client());
            host.Provider = key =>
            {
                if (!_slow.TryGetValue(key.Reveal(), out var one))
                    return Task.CompletedTask;
                one.Asked.TrySetResult();
                return one.Answer.Task;
            };
        }

        public ControlPlaneHost Host { get; }

        public HttpClient Client { get; }

        public string? Stored => Host.Snapshot.Workspaces["default"].ProviderKeys.TryGetValue("openai", out var key) ? key.Secret?.Reveal() : null;

        /// <summary>Begins a save and comes back once the provider was asked.</summary>
        public async Task<Task<HttpResponseMessage>> BeginAsync(string key)
        {
            var one = _slow[key] = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
            var save = SaveAsync(key);
            await one.Asked.Task.WaitAsync(Token);
            return save;
        }

        public async Task<HttpResponseMessage> EndAsync(string key, Task<HttpResponseMessage> save)
        {
            _slow[key].Answer.TrySetResult();
            return await save;
        }

        public async Task<HttpResponseMessage> SaveAsync(string key, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, Path) { Content = JsonContent.Create(new { api_key = key }) };
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            return await Client.SendAsync(request, Token);
        }

        public async Task<HttpResponseMessage> DeleteAsync(string tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, Path);
            request.Headers.TryAddWithoutValidation("If-Match", tag);
            return await Client.SendAsync(request, Token);
        }

        public void Dispose() => Client.Dispose();
    }
}
