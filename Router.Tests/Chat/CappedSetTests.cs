using Router.Core.Chat;

namespace Router.Tests.Chat;

public sealed class CappedSetTests
{
    private static CappedSet Of(int count)
    {
        var set = new CappedSet("and {0} more");
        set.AddRange(Enumerable.Range(0, count).Select(i => $"w{i}"));
        set.AddRange(Enumerable.Range(0, count).Select(i => $"w{i}"));
        return set;
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(64, 64, null)]
    [InlineData(65, 64, "and 1 more")]
    [InlineData(1_063, 64, "and 999 more")]
    [InlineData(5_000, 64, "and at least 1000 more")]
    public void Each_is_listed_once_and_of_the_rest_how_many_there_are(int added, int listed, string? rest)
    {
        string[] told = [.. Of(added)];
        Assert.Equal(Enumerable.Range(0, listed).Select(i => $"w{i}"), told.Take(listed));
        Assert.Equal(rest, told.Skip(listed).SingleOrDefault());
    }

    [Theory]
    [InlineData(100, 70)]
    [InlineData(100, 64)]
    [InlineData(100, 10)]
    [InlineData(10, 0)]
    public void What_was_added_last_can_be_taken_back_and_added_again(int added, int left)
    {
        CappedSet set = Of(added);
        set.Rewind(left);
        Assert.Equal(left, set.Count);
        set.AddRange(Enumerable.Range(0, added).Select(i => $"w{i}"));
        Assert.Equal(Of(added), set);
    }
}
