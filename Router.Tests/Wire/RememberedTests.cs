using Router.Core.Wire;

namespace Router.Tests.Wire;

public sealed class RememberedTests
{
    [Fact]
    public void Invented_names_neither_keep_out_nor_push_out_one_in_use_and_are_bounded()
    {
        int made = 0;
        var memory = new Remembered<string, object>(name =>
        {
            made += name == "used" ? 1 : 0;
            return new object();
        });
        for (int i = 0; i < 5_000; i++)
        {
            memory.Of($"invented-{i}");
        }

        // It comes after thousands, and is remembered all the same.
        object used = memory.Of("used");
        for (int i = 0; i < 50_000; i++)
        {
            memory.Of($"another-{i}");
            if (i % 100 == 0)
            {
                Assert.Same(used, memory.Of("used"));
            }
        }

        Assert.Equal(1, made);
        Assert.InRange(memory.Count, 1, 1_000);
    }

    [Fact]
    public async Task Many_at_once_get_the_same_within_bounds()
    {
        var memory = new Remembered<int, string>(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), TestContext.Current.CancellationToken, (worker, _) =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                Assert.Equal($"{i * worker % 3_000}", memory.Of(i * worker % 3_000));
            }

            return ValueTask.CompletedTask;
        });
        Assert.InRange(memory.Count, 1, 1_100);
    }
}
