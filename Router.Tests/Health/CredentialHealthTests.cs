using Microsoft.Extensions.Time.Testing;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Health;

public sealed class CredentialHealthTests
{
    private const string System = "system:openai:0123";
    private readonly FakeTimeProvider _time = new();
    private readonly SnapshotCache _snapshots = new();
    private readonly HealthOutbox _outbox = new();
    private readonly CredentialHealth _health;

    public CredentialHealthTests() => _health = new(_snapshots, _time, _outbox);

    [Fact]
    public void A_rate_limit_holds_back_one_model_and_not_the_key()
    {
        Fail(System, FailureClass.RateLimit);
        var verdict = _health.Check(System, "m");
        Assert.False(verdict.Usable);
        Assert.Equal(FailureClass.RateLimit, verdict.Reason);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(15), verdict.Until);
        Assert.True(_health.Check(System, "other").Usable);
    }

    [Fact]
    public void Keys_that_one_workspace_invents_push_out_no_others()
    {
        const string Stored = "system:openai:4567";
        Fail("runtime:b:print", FailureClass.Credential);
        for (var i = 0; i < 60_000; i++)
        {
            Fail($"runtime:a:{i}", FailureClass.Credential);
        }

        Fail(Stored, FailureClass.RateLimit);
        Fail("runtime:c:print", FailureClass.Credential);
        Assert.Equal([false, false, false], new[] { "runtime:b:print", Stored, "runtime:c:print" }.Select(id => _health.Check(id, "m").Usable));
        Assert.InRange(Enumerable.Range(0, 60_000).Count(i => !_health.Check($"runtime:a:{i}", "m").Usable), 1, CredentialHealth.MostRuntime);
        _time.Advance(TimeSpan.FromDays(1));
        _health.Prune();
        Assert.True(_health.Check("runtime:b:print", "m").Usable);
    }

    [Fact]
    public void Models_that_callers_invent_do_not_fill_a_shared_keys_memory()
    {
        for (var i = 0; i < 20_000; i++)
        {
            _health.ReportFailure(System, $"invented-{i}", FailureClass.RateLimit, TimeSpan.FromSeconds(60), null);
        }

        _health.ReportFailure(System, "gpt-4o", FailureClass.RateLimit, TimeSpan.FromSeconds(60), null);
        Assert.False(_health.Check(System, "gpt-4o").Usable);
        Assert.InRange(Enumerable.Range(0, 20_000).Count(i => !_health.Check(System, $"invented-{i}").Usable), 1, 1_000);
    }

    [Fact]
    public void Rate_limits_in_a_row_grow_to_five_minutes()
    {
        foreach (var seconds in new[] { 15, 30, 60, 120, 240, 300, 300 })
        {
            Fail(System, FailureClass.RateLimit);
            Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(seconds), _health.Check(System, "m").Until);
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.True(_health.Check(System, "m").Usable);
        }
    }

    [Theory]
    [InlineData(FailureClass.Credential)]
    [InlineData(FailureClass.Quota)]
    [InlineData(FailureClass.RateLimit)]
    public void A_failure_met_again_is_as_new_as_the_last_one(FailureClass failure)
    {
        Fail(System, failure, TimeSpan.FromMinutes(3));
        _time.Advance(TimeSpan.FromSeconds(1));
        DateTimeOffset asked = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(1));
        // Shorter than what holds already; a request that began before it says nothing of it.
        Fail(System, failure, TimeSpan.FromSeconds(1));
        _health.ReportSuccess(System, "m", asked);
        Assert.False(_health.Check(System, "m").Usable);
    }

    [Fact]
    public void A_burst_of_rate_limits_counts_once()
    {
        for (var i = 0; i < 50; i++)
            Fail(System, FailureClass.RateLimit);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(15), _health.Check(System, "m").Until);
    }

    [Fact]
    public void A_cooldown_never_shortens_a_longer_one()
    {
        Fail(System, FailureClass.RateLimit, TimeSpan.FromMinutes(3));
        Fail(System, FailureClass.RateLimit, TimeSpan.FromSeconds(1));
        _health.Apply(new(System, "m", FailureClass.RateLimit, TimeSpan.FromSeconds(5)));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(3), _health.Check(System, "m").Until);
    }

    [Fact]
    public void Nonsense_in_retry_after_falls_back_to_the_default_and_is_capped()
    {
        Fail(System, FailureClass.RateLimit, TimeSpan.FromSeconds(-5));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(15), _health.Check(System, "m").Until);
        Fail("runtime:a:print", FailureClass.RateLimit, TimeSpan.MaxValue);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromDays(1), _health.Check("runtime:a:print", "m").Until);
    }

    [Theory]
    [InlineData(FailureClass.RateLimit)]
    [InlineData(FailureClass.Quota)]
    public void What_a_provider_asks_of_a_key_that_all_share_is_cut_to_ten_minutes(FailureClass failure)
    {
        Fail(System, failure, TimeSpan.FromHours(24));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(10), _health.Check(System, "m").Until);
        _health.Apply(new(System, failure == FailureClass.RateLimit ? "m" : "", failure, TimeSpan.FromHours(24)));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(10), _health.Check(System, "m").Until);
    }

    /// <summary>Whether a lone rate limit ends as an answer of its own or inside a stream must not hang on milliseconds.</summary>
    [Fact]
    public void The_first_cooldown_the_longest_wait_and_the_silence_before_a_sign_of_life_lie_apart()
    {
        TimeSpan wait = Router.Core.Chat.ChatLimits.Default.LongestWait;
        TimeSpan silence = Router.Api.Dialects.OpenAI.AnswerStreamWriter.Silence;
        Assert.True(wait + TimeSpan.FromSeconds(3) < silence && silence + TimeSpan.FromSeconds(3) < Cooldowns.RateLimitFirst);
    }

    [Fact]
    public void Success_clears_the_model_and_the_key_and_the_growth()
    {
        Fail(System, FailureClass.RateLimit);
        Fail(System, FailureClass.Quota);
        _health.ReportSuccess(System, "m", _time.GetUtcNow().AddTicks(1));
        Assert.True(_health.Check(System, "m").Usable);
        Fail(System, FailureClass.RateLimit);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(15), _health.Check(System, "m").Until);
    }

    [Fact]
    public void Quota_holds_the_whole_key_back_for_ten_minutes()
    {
        Fail(System, FailureClass.Quota);
        Assert.Equal(FailureClass.Quota, _health.Check(System, "any").Reason);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(_health.Check(System, "any").Usable);
    }

    [Theory]
    [InlineData(System)]
    [InlineData("runtime:0123")]
    public void A_key_without_a_row_is_tried_again_after_a_minute(string id)
    {
        Fail(id, FailureClass.Credential);
        Assert.False(_health.Check(id, "m").Usable);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(_health.Check(id, "m").Usable);
    }

    [Fact]
    public void A_saved_key_is_tried_again_at_once_when_the_worker_finds_it_good()
    {
        var key = Save(CredentialStatus.Valid);
        Fail(key.CredentialId, FailureClass.Credential);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.False(_health.Check(key.CredentialId, "m").Usable);

        _snapshots.Swap(TestKeys.SnapshotOf(key with { CheckedAt = _time.GetUtcNow() }));
        Assert.True(_health.Check(key.CredentialId, "m").Usable);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_saved_key_of_which_no_verdict_comes_is_tried_again_after_ten_minutes_and_asks_again(bool heard)
    {
        var key = Save(CredentialStatus.Valid);
        if (heard)
            _health.Apply(new(key.CredentialId, "", FailureClass.Credential, null));
        else
            Fail(key.CredentialId, FailureClass.Credential);
        while (_outbox.Rechecks.TryRead(out _))
        {
            // Lost with a Postgres that is away.
        }

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(_health.Check(key.CredentialId, "m").Usable);
        Fail(key.CredentialId, FailureClass.Credential);
        Assert.False(_health.Check(key.CredentialId, "m").Usable);
        Assert.True(_outbox.Rechecks.TryRead(out _));
    }

    [Fact]
    public void A_key_the_worker_found_dead_stays_dead_when_what_traffic_saw_has_run_out()
    {
        var key = Save(CredentialStatus.Invalid);
        Fail(key.CredentialId, FailureClass.Credential);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.False(_health.Check(key.CredentialId, "m").Usable);
    }

    [Fact]
    public void A_new_version_starts_fresh()
    {
        var key = Save(CredentialStatus.Valid);
        Fail(key.CredentialId, FailureClass.Credential);
        var replaced = new ProviderKey(key.Id, key.WorkspaceId, key.Provider, 2, key.Secret, "", "", CredentialStatus.Valid, null);
        _snapshots.Swap(TestKeys.SnapshotOf(replaced));
        Assert.NotEqual(key.CredentialId, replaced.CredentialId);
        Assert.True(_health.Check(replaced.CredentialId, "m").Usable);
    }

    [Theory]
    [InlineData(CredentialStatus.Invalid, FailureClass.Credential)]
    [InlineData(CredentialStatus.Undecryptable, FailureClass.Credential)]
    [InlineData(CredentialStatus.Quota, FailureClass.Quota)]
    public void A_stored_verdict_counts_without_any_traffic(CredentialStatus status, FailureClass reason)
    {
        var verdict = _health.Check(Save(status).CredentialId, "m");
        Assert.False(verdict.Usable);
        Assert.Equal(reason, verdict.Reason);
    }

    [Theory]
    [InlineData(CredentialStatus.Unknown)]
    [InlineData(CredentialStatus.Limited)]
    [InlineData(CredentialStatus.Unverifiable)]
    public void What_is_not_known_to_be_bad_is_tried(CredentialStatus status) =>
        Assert.True(_health.Check(Save(status).CredentialId, "m").Usable);

    [Fact]
    public void A_live_success_outweighs_an_older_bad_verdict()
    {
        var key = Save(CredentialStatus.Invalid);
        _health.ReportSuccess(key.CredentialId, "m", _time.GetUtcNow().AddTicks(1));
        Assert.True(_health.Check(key.CredentialId, "m").Usable);
        _snapshots.Swap(TestKeys.SnapshotOf(key with { CheckedAt = _time.GetUtcNow() }));
        Assert.False(_health.Check(key.CredentialId, "m").Usable);
    }

    [Fact]
    public void A_dead_saved_key_asks_for_a_re_check_linked_to_the_request()
    {
        var key = Save(CredentialStatus.Valid);
        _health.ReportFailure(key.CredentialId, "m", FailureClass.Credential, null, "00-trace");
        Assert.True(_outbox.Rechecks.TryRead(out var request));
        Assert.Equal(new RecheckRequest(key.Id, key.WorkspaceId, key.Version, "00-trace"), request);
    }

    [Fact]
    public void Keys_of_requests_are_not_shared_and_others_are()
    {
        Fail("runtime:0123", FailureClass.Quota);
        Assert.False(_outbox.Changes.TryRead(out _));
        Fail(System, FailureClass.Quota);
        Assert.True(_outbox.Changes.TryRead(out var change));
        Assert.Equal(new HealthChange(System, "", FailureClass.Quota, TimeSpan.FromMinutes(10)), change);
    }

    [Theory]
    [InlineData(FailureClass.Transient)]
    [InlineData(FailureClass.CallerFault)]
    [InlineData(FailureClass.ModelAccess)]
    [InlineData(FailureClass.Unknown)]
    public void Other_failures_say_nothing_about_the_key(FailureClass failure)
    {
        Fail(System, failure);
        Assert.True(_health.Check(System, "m").Usable);
    }

    [Fact]
    public void What_another_replica_saw_holds_here_until_it_is_cleared()
    {
        _health.Apply(new(System, "", FailureClass.Quota, TimeSpan.FromMinutes(1)));
        Assert.False(_health.Check(System, "m").Usable);
        _health.Apply(new(System, "", FailureClass.Unknown, null));
        Assert.True(_health.Check(System, "m").Usable);
    }

    [Fact]
    public void Pruning_forgets_what_ran_out_and_keeps_what_holds()
    {
        Fail(System, FailureClass.Credential);
        Fail("runtime:0123", FailureClass.Quota, TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromMinutes(2));
        _health.Prune();
        Assert.True(_health.Check(System, "m").Usable);
        Assert.False(_health.Check("runtime:0123", "m").Usable);
    }

    private void Fail(string id, FailureClass failure, TimeSpan? retryAfter = null) => _health.ReportFailure(id, "m", failure, retryAfter, null);

    private ProviderKey Save(CredentialStatus status)
    {
        var key = new ProviderKey(Guid.CreateVersion7(), "default", "openai", 1, new Secret("sk-test"), "", "", status, null);
        _snapshots.Swap(TestKeys.SnapshotOf(key));
        return key;
    }
}
