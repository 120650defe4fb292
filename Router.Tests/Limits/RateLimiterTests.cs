using Microsoft.Extensions.Time.Testing;
using Router.Core.Keys;
using Router.Core.Limits;

namespace Router.Tests.Limits;

/// <summary>Which limits apply to a request, in what order, and what is told of them.</summary>
public sealed class RateLimiterTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly Dictionary<string, ScriptedCounter> _counters = [];
    private readonly RateLimiter _limiter;

    public RateLimiterTests() => _limiter = Replicas.Limiter(new ScriptedCounters(_counters, _time), _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Twenty_five_a_second_is_the_default_and_zero_is_no_limit()
    {
        Assert.Equal(25, Passed(Replicas.Workspace(), Replicas.Key(), 100));
        var unlimited = Replicas.Workspace(requests: 0) with { Id = "other" };
        Assert.Equal(100, Passed(unlimited, Replicas.Key(), 100));
        Assert.Null(Ask(unlimited, Replicas.Key()).Requests);
    }

    [Fact]
    public void A_key_has_its_own_limit_beside_the_workspaces_and_the_tighter_is_shown()
    {
        var (workspace, key) = (Replicas.Workspace(requests: 30), Replicas.Key(requests: 10));
        var first = Ask(workspace, key);
        Assert.Equal((10, 9), (first.Requests!.Value.Limit, first.Requests.Value.Remaining));
        Assert.Equal(9, Passed(workspace, key, 20));
        Assert.Equal(("key", "requests"), (Ask(workspace, key).RefusedBy!.Scope, Ask(workspace, key).RefusedBy!.Kind));

        // What the key's limit refused did not count for the workspace: 20 are left for another key.
        Assert.Equal(20, Passed(workspace, Replicas.Key(id: "second"), 100));
        Assert.Equal("workspace", Ask(workspace, Replicas.Key(id: "second")).RefusedBy!.Scope);
    }

    [Fact]
    public void What_the_workspaces_limit_refused_does_not_count_for_the_key()
    {
        var (workspace, key) = (Replicas.Workspace(requests: 5), Replicas.Key(requests: 10));
        Assert.Equal(5, Passed(workspace, key, 100));
        Assert.Equal(5, Passed(workspace with { Policy = workspace.Policy with { Limits = new(RequestsPerSecond: 0) } }, key, 100));
    }

    [Fact]
    public void Two_workspaces_do_not_share_a_limit()
    {
        Assert.Equal(5, Passed(Replicas.Workspace(requests: 5), Replicas.Key(), 10));
        Assert.Equal(5, Passed(Replicas.Workspace(requests: 5) with { Id = "other" }, Replicas.Key() with { WorkspaceId = "other" }, 10));
    }

    [Fact]
    public void Tokens_are_charged_after_the_answer_and_refused_when_the_minute_is_used_up()
    {
        var (workspace, key) = (Replicas.Workspace(requests: 0, tokens: 1000), Replicas.Key(tokens: 5000));
        var first = Ask(workspace, key);
        Assert.Equal((1000, 1000), (first.Tokens!.Value.Limit, first.Tokens.Value.Remaining));
        _limiter.Charge(workspace, key, 400);
        Assert.Equal(600, Ask(workspace, key).Tokens!.Value.Remaining);
        _limiter.Charge(workspace, key, 900);
        var refused = Ask(workspace, key);
        Assert.Equal(("workspace", "tokens", 0), (refused.RefusedBy!.Scope, refused.RefusedBy.Kind, refused.RefusedBy.Status.Remaining));
        Assert.InRange(refused.RefusedBy.Status.Reset, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1));
        _time.Advance(refused.RefusedBy.Status.Reset);
        Assert.Null(Ask(workspace, key).RefusedBy);
    }

    [Fact]
    public void Tokens_of_an_answer_that_ends_in_a_later_minute_count_there()
    {
        var (workspace, key) = (Replicas.Workspace(tokens: 1000), Replicas.Key());
        _time.Advance(Ask(workspace, key).Tokens!.Value.Reset);
        _limiter.Charge(workspace, key, 1000);
        Assert.NotNull(Ask(workspace, key).RefusedBy);
    }

    [Fact]
    public void Without_redis_tokens_are_counted_here_and_sent_when_it_is_back()
    {
        var (workspace, key) = (Replicas.Workspace(requests: 0, tokens: 1000), Replicas.Key());
        _time.Advance(Ask(workspace, key).Tokens!.Value.Reset);
        Ask(workspace, key);
        var redis = _counters.Single().Value;
        redis.Gone = true;
        _limiter.Charge(workspace, key, 700);
        Assert.Equal(300, Ask(workspace, key).Tokens!.Value.Remaining);
        redis.Gone = false;
        _time.Advance(TimeSpan.FromSeconds(1));
        _limiter.Tend();
        Assert.Equal(700, redis.Used);
    }

    [Fact]
    public async Task What_is_held_goes_back_when_the_process_ends()
    {
        Passed(Replicas.Workspace(requests: 1000), Replicas.Key(), 50);
        var redis = _counters.Single().Value;
        Assert.True(redis.Used > 50);
        await _limiter.SettleAsync();
        Assert.Equal(50, redis.Used);
    }

    private int Passed(Workspace workspace, RouterKey key, int asked) => Enumerable.Range(0, asked).Count(_ => Ask(workspace, key).RefusedBy is null);

    private LimitDecision Ask(Workspace workspace, RouterKey key) =>
        _limiter.AdmitAsync(workspace, key, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token).GetAwaiter().GetResult();
}
