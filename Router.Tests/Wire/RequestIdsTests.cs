using Router.Core.Telemetry;

namespace Router.Tests.Wire;

public sealed class RequestIdsTests
{
    [Fact]
    public void Are_UUIDs_of_version_7_that_sort_by_time_and_differ()
    {
        DateTimeOffset at = DateTimeOffset.UnixEpoch.AddMilliseconds(0x0123_4567_89AB);

        Guid[] ids = [.. Enumerable.Range(0, 10_000).Select(_ => RequestIds.New(at))];

        Assert.All(ids, id =>
        {
            Assert.Equal(7, id.Version);
            Assert.InRange(id.Variant, 8, 11);
            Assert.StartsWith("01234567-89ab-7", id.ToString(), StringComparison.Ordinal);
        });
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.True(string.CompareOrdinal(RequestIds.New(at).ToString(), RequestIds.New(at.AddMilliseconds(1)).ToString()) < 0);
    }
}
