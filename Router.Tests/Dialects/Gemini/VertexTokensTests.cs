using Microsoft.Extensions.Time.Testing;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.Gemini.Vertex;

namespace Router.Tests.Dialects.Gemini;

public sealed class VertexTokensTests
{
    private static readonly ServiceAccount Account = new("a@b", null, new Secret("pem"));

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly Secret _key = new("key one");
    private Func<Task<VertexGrant>>? _answer;
    private int _exchanges;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_made_once_and_kept()
    {
        VertexTokens tokens = Tokens();
        Assert.Equal((new Secret("t1"), true), await tokens.GetAsync(_key, Account, Cancel));
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal((new Secret("t1"), false), await tokens.GetAsync(_key, Account, Cancel));
        Assert.Equal(1, _exchanges);
    }

    [Fact]
    public async Task Calls_at_once_share_one_exchange()
    {
        var gate = new TaskCompletionSource<VertexGrant>();
        _answer = () => gate.Task;
        VertexTokens tokens = Tokens();
        Task<(Secret, bool)>[] calls = [.. Enumerable.Range(0, 20).Select(_ => tokens.GetAsync(_key, Account, Cancel).AsTask())];
        gate.SetResult(new VertexGrant(new Secret("t"), _time.GetUtcNow().AddHours(1)));
        Assert.All(await Task.WhenAll(calls), call => Assert.Equal(new Secret("t"), call.Item1));
        Assert.Equal(1, _exchanges);
    }

    [Fact]
    public async Task A_caller_that_leaves_does_not_end_the_exchange_for_the_others()
    {
        var gate = new TaskCompletionSource<VertexGrant>();
        _answer = () => gate.Task;
        VertexTokens tokens = Tokens();
        using var leaving = new CancellationTokenSource();
        Task<(Secret, bool)> gone = tokens.GetAsync(_key, Account, leaving.Token).AsTask();
        Task<(Secret, bool)> stays = tokens.GetAsync(_key, Account, Cancel).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        gate.SetResult(new VertexGrant(new Secret("t"), _time.GetUtcNow().AddHours(1)));
        Assert.Equal(new Secret("t"), (await stays).Item1);
    }

    [Fact]
    public async Task Five_minutes_before_its_end_a_token_is_renewed_while_the_old_one_serves()
    {
        VertexTokens tokens = Tokens();
        await tokens.GetAsync(_key, Account, Cancel);
        var gate = new TaskCompletionSource<VertexGrant>();
        _answer = () => gate.Task;
        _time.Advance(TimeSpan.FromMinutes(56));
        Assert.Equal("t1", (await tokens.GetAsync(_key, Account, Cancel)).Token.Reveal());
        Assert.Equal("t1", (await tokens.GetAsync(_key, Account, Cancel)).Token.Reveal());
        gate.SetResult(new VertexGrant(new Secret("t2"), _time.GetUtcNow().AddHours(1)));
        while ((await tokens.GetAsync(_key, Account, Cancel)).Token.Reveal() != "t2")
        {
            await Task.Yield();
            Cancel.ThrowIfCancellationRequested();
        }

        Assert.Equal(2, _exchanges);
    }

    [Fact]
    public async Task A_token_past_its_end_is_never_given()
    {
        VertexTokens tokens = Tokens();
        await tokens.GetAsync(_key, Account, Cancel);
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal((new Secret("t2"), true), await tokens.GetAsync(_key, Account, Cancel));
    }

    [Fact]
    public async Task Another_key_never_meets_this_ones_token()
    {
        VertexTokens tokens = Tokens();
        await tokens.GetAsync(_key, Account, Cancel);
        Assert.Equal("t2", (await tokens.GetAsync(new Secret("key two"), Account, Cancel)).Token.Reveal());
    }

    [Theory]
    [InlineData(FailureClass.Credential, 30)]
    [InlineData(FailureClass.Transient, 1)]
    public async Task A_failure_is_kept_for_a_short_while(FailureClass failure, int seconds)
    {
        _answer = () => throw new ProviderException(failure, "no");
        VertexTokens tokens = Tokens();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(failure, (await Assert.ThrowsAsync<ProviderException>(() => tokens.GetAsync(_key, Account, Cancel).AsTask())).Failure);
        }

        Assert.Equal(1, _exchanges);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _answer = null;
        Assert.Equal("t2", (await tokens.GetAsync(_key, Account, Cancel)).Token.Reveal());
    }

    [Fact]
    public async Task A_refused_token_is_forgotten_and_a_newer_one_is_not()
    {
        VertexTokens tokens = Tokens();
        await tokens.GetAsync(_key, Account, Cancel);
        tokens.Forget(_key, new Secret("another"));
        Assert.Equal("t1", (await tokens.GetAsync(_key, Account, Cancel)).Token.Reveal());
        tokens.Forget(_key, new Secret("t1"));
        Assert.Equal((new Secret("t2"), true), await tokens.GetAsync(_key, Account, Cancel));
    }

    [Fact]
    public async Task Many_keys_do_not_fill_the_memory()
    {
        VertexTokens tokens = Tokens(capacity: 8);
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await tokens.GetAsync(new Secret($"key {i}"), Account, Cancel);
        }

        Assert.InRange(tokens.Count, 1, 8);
    }

    [Fact]
    public async Task One_tenants_accounts_push_out_no_others_token()
    {
        VertexTokens tokens = Tokens(capacity: 8);
        await tokens.GetAsync(_key, Account, Cancel, "theirs");
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await tokens.GetAsync(new Secret($"key {i}"), Account, Cancel, "ours");
        }

        Assert.Equal("t1", tokens.Find("theirs", _key, Account).Value!.Reveal());
        Assert.Equal((new Secret("t1"), false), await tokens.GetAsync(_key, Account, Cancel, "theirs"));
    }

    private VertexTokens Tokens(int capacity = 100) => new(
        async (_, _) =>
        {
            int number = Interlocked.Increment(ref _exchanges);
            return _answer is { } answer ? await answer() : new VertexGrant(new Secret($"t{number}"), _time.GetUtcNow().AddSeconds(3599));
        },
        _time,
        capacity);
}
