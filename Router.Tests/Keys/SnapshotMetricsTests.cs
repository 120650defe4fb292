using Microsoft.Extensions.Time.Testing;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Keys;

public sealed class SnapshotMetricsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SnapshotCache _cache = new();

    [Theory]
    [InlineData("openai", CredentialStatus.Invalid, true, "openai invalid")]
    [InlineData("google-vertex", CredentialStatus.Valid, true, "gcp.vertex_ai valid")]
    [InlineData("openai", CredentialStatus.Valid, false, "openai undecryptable")]
    public void Stored_keys_are_counted_by_provider_and_status(string provider, CredentialStatus status, bool opened, string counted)
    {
        _cache.Swap(TestKeys.SnapshotOf(new ProviderKey(Guid.CreateVersion7(), "default", provider, 1, opened ? new Secret("sk-test") : null, "", "", status, null)));
        var measurement = Assert.Single(new SnapshotMetrics(_cache, _time).Credentials());
        Assert.Equal((1, counted), (measurement.Value, string.Join(' ', measurement.Tags.ToArray().Select(tag => tag.Value))));
    }

    [Fact]
    public void Its_age_is_the_time_since_it_was_last_confirmed_and_nothing_before()
    {
        var metrics = new SnapshotMetrics(_cache, _time);
        Assert.Empty(metrics.Age());
        _cache.Confirm(_time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(7, Assert.Single(metrics.Age()).Value);
    }
}
