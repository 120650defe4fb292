namespace Router.Tests.Fleet;

/// <summary>A program that dies comes back by itself, and nobody is refused meanwhile.</summary>
[Collection(FleetCollection.Name)]
public sealed class KilledServersTests(Fleet fleet)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cache")]
    [InlineData("api-1")]
    [InlineData("worker-1")]
    public async Task Comes_back(string resource)
    {
        await fleet.Running.KillAsync(resource);
        Assert.Equal("Healthy", await fleet.Replicas[1].GetStringAsync(new Uri("/health", UriKind.Relative), Cancel));
        await fleet.Running.UntilHealthyAsync(resource);
    }
}
