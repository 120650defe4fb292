namespace Router.Tests.Attacks.Linear;

/// <summary>Measures by the clock what grows with the input. By itself: what runs beside it would be measured too.</summary>
[CollectionDefinition(nameof(LinearWork), DisableParallelization = true)]
public sealed class LinearWork
{
    /// <summary>Twice the input may take so many times as long.</summary>
    private const double Most = 2.5;

    /// <summary>What the shorter of the two inputs is long, in bytes.</summary>
    private const int Length = 250_000;

    /// <summary>A text of half a megabyte that is gone through once takes less than this, compiled for debugging and on a busy machine; what is quadratic takes seconds.</summary>
    private static readonly TimeSpan s_unjudged = TimeSpan.FromMilliseconds(150);

    private static readonly TimeSpan s_hopeless = TimeSpan.FromSeconds(2);

    /// <summary>More than a run over the longer input allocates.</summary>
    private const long Allocated = 200L << 20;

    /// <summary>For each byte of the longer input, on a machine that does other things too.</summary>
    private const double MostNanoseconds = 500;

    private const int Rounds = 5;

    /// <summary>How many of a thing make up the shorter input.</summary>
    public static int Count(Func<int, int> lengthOf) => Math.Max(8, (int)(Length / ((lengthOf(1_200) - lengthOf(200)) / 1000.0)));

    /// <summary>What was measured, and what is wrong with it, if anything.</summary>
    public static async Task<(string Said, string? Fault)> JudgeAsync(Func<bool, byte[]> input, Func<byte[], Task<TimeSpan>> measure)
    {
        (byte[] once, byte[] twice) = (input(false), input(true));
        (TimeSpan first, TimeSpan second) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        // What is measured is the work, so the best of a few rounds: the rest is collections and other processes.
        for (int round = 0; round < Rounds; round++)
        {
            first = Min(first, await WithoutCollectionsAsync(measure, once));
            second = Min(second, await WithoutCollectionsAsync(measure, twice));
            if ((round > 0 && IsFine(first, second)) || second > s_hopeless)
            {
                break;
            }
        }

        string said = $"{once.Length / 1e6:0.00} MB in {first.TotalMilliseconds:0.0} ms, {twice.Length / 1e6:0.00} MB in {second.TotalMilliseconds:0.0} ms: × {second / first:0.00}, {second.TotalMilliseconds / (twice.Length / 1e6):0} ms/MB";
        return (said, IsFine(first, second) && second.TotalNanoseconds / twice.Length < MostNanoseconds ? null : said);
    }

    /// <summary>Without collections, which cost more than their share where the input outgrows a generation.</summary>
    private static async Task<TimeSpan> WithoutCollectionsAsync(Func<byte[], Task<TimeSpan>> measure, byte[] input)
    {
        bool entered = GC.TryStartNoGCRegion(Allocated);
        try
        {
            return await measure(input);
        }
        finally
        {
            if (entered && System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion)
            {
                GC.EndNoGCRegion();
            }
        }
    }

    private static bool IsFine(TimeSpan first, TimeSpan second) => second < s_unjudged || second / first < Most;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
