namespace Router.Simulator.Wire;

/// <summary>Ids in the vendors' alphabets: unique within a process, the same sequence on every start.</summary>
internal static class Ids
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static ulong _counter;

    public static string Next(string prefix, int length) => string.Create(prefix.Length + length, prefix, static (span, prefix) =>
    {
        prefix.CopyTo(span);
        var state = Interlocked.Increment(ref _counter);
        for (var i = prefix.Length; i < span.Length; i++)
        {
            // splitmix64: spreads consecutive counters over the whole alphabet.
            state += 0x9E3779B97F4A7C15;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            span[i] = Alphabet[(int)((mixed >> 33) % (ulong)Alphabet.Length)];
        }
    });
}
