using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Tests.Worker;

public sealed class RevalidationPolicyTests
{
    private readonly RevalidationPolicy _policy = new(TimeSpan.FromMinutes(15), new Random(7));

    [Theory]
    [InlineData(KeyCheckOutcome.Valid, false, CredentialStatus.Valid)]
    [InlineData(KeyCheckOutcome.Invalid, false, CredentialStatus.Invalid)]
    [InlineData(KeyCheckOutcome.Limited, false, CredentialStatus.Limited)]
    [InlineData(KeyCheckOutcome.Limited, true, CredentialStatus.Quota)]
    [InlineData(KeyCheckOutcome.RateLimited, false, CredentialStatus.RateLimited)]
    [InlineData(KeyCheckOutcome.Unverifiable, false, CredentialStatus.Unverifiable)]
    public void Each_outcome_has_its_status(KeyCheckOutcome outcome, bool quota, CredentialStatus status) =>
        Assert.Equal(status, _policy.First(new(outcome, "said", Quota: quota)).Status);

    [Fact]
    public void A_dead_key_is_looked_at_ever_more_rarely_up_to_an_hour()
    {
        var failures = 0;
        foreach (var minutes in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            var verdict = _policy.Decide(failures == 0 ? CredentialStatus.Valid : CredentialStatus.Invalid, null, failures, new(KeyCheckOutcome.Invalid, ""));
            Assert.InRange(verdict.NextCheck.TotalMinutes, minutes * 0.9, minutes * 1.1);
            failures = verdict.ConsecutiveFailures;
        }
    }

    [Fact]
    public void An_outage_before_it_does_not_lengthen_the_first_back_off() =>
        Assert.InRange(_policy.Decide(CredentialStatus.Valid, null, 12, new(KeyCheckOutcome.Invalid, "")).NextCheck.TotalMinutes, 0.9, 1.1);

    [Theory]
    [InlineData(CredentialStatus.Valid)]
    [InlineData(CredentialStatus.Invalid)]
    [InlineData(CredentialStatus.Quota)]
    [InlineData(CredentialStatus.Limited)]
    public void A_provider_that_cannot_be_asked_changes_nothing_known(CredentialStatus status)
    {
        var verdict = _policy.Decide(status, "said before", 0, new(KeyCheckOutcome.Unverifiable, "down"));
        Assert.Equal((status, "said before"), (verdict.Status, verdict.Detail));
        Assert.InRange(verdict.NextCheck.TotalSeconds, 27, 33);
    }

    [Fact]
    public void Looking_again_during_an_outage_slows_down_to_the_interval() =>
        Assert.InRange(_policy.Decide(CredentialStatus.Valid, null, 20, new(KeyCheckOutcome.Unverifiable, "")).NextCheck.TotalMinutes, 13.5, 16.5);

    [Fact]
    public void A_rate_limited_key_is_looked_at_when_the_provider_said()
    {
        var verdict = _policy.First(new(KeyCheckOutcome.RateLimited, "", TimeSpan.FromSeconds(90)));
        Assert.Equal(TimeSpan.FromSeconds(90), verdict.CoolFor);
        Assert.InRange(verdict.NextCheck.TotalSeconds, 90, 92);
    }
}
