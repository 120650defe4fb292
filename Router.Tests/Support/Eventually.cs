using System.Diagnostics;

namespace Router.Tests.Support;

/// <summary>Waits for something another thread or process brings about, within a bound that is part of the claim.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition, TimeSpan within, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < within, $"It did not hold within {within}.");
            await Task.Delay(10, cancellationToken);
        }
    }
}
