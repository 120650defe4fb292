namespace Router.Tests.Fleet;

[Collection(FleetCollection.Name)]
public sealed class FleetStartsTests(Fleet fleet)
{
    [Fact]
    public void The_fleet_starts() => Assert.Null(fleet.Failure);
}
