using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Router.Tests.Fuzz;

/// <summary>
/// Tries inputs that nobody thought of: the seeds as they are, then changed at random, one change upon another. A second for each target in
/// the ordinary suite; <c>ROUTER_FUZZ_SECONDS=3600</c> makes it an hour. What fails is printed as base64: add it to the seeds.
/// </summary>
internal static class FuzzRun
{
    private const int Longest = 20_000;

    /// <summary>What a byte alone does not come to.</summary>
    private static readonly byte[][] s_words =
    [
        .. ((string[])["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "null", "true", "-0", "1e999", "0.1", "{}", "[]", "\"\"", "\n", "\r", "\r\n", "\n\n", "data:", "data: ", "event: ", ":", "id:", "[DONE]", "\0", "\u00e4", "\U0001f600", "\ufeff", "\u2028", "\u202e"]).Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ];

    private static TimeSpan Time => TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("ROUTER_FUZZ_SECONDS") ?? "1", CultureInfo.InvariantCulture));

    /// <param name="wrong">What is wrong about an input; null where nothing is.</param>
    public static async Task OverAsync(IReadOnlyList<byte[]> seeds, Func<byte[], Random, Task<string?>> wrong)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        foreach (byte[] input in seeds)
        {
            await TryAsync(input);
        }

        var clock = Stopwatch.StartNew();
        int tried = seeds.Count;
        for (; clock.Elapsed < Time; tried++)
        {
            await TryAsync(Changed(seeds, random));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{tried} inputs, seed {seed}");

        async Task TryAsync(byte[] input)
        {
            string? fault;
            try
            {
                fault = await wrong(input, random).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            }
            catch (Exception e) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                fault = e.ToString();
            }

            Assert.True(fault is null, $"{fault}\nseed {seed}, input {Convert.ToBase64String(input)}");
        }
    }

    public static byte[][] Seeds(params ReadOnlySpan<string> texts)
    {
        byte[][] seeds = new byte[texts.Length][];
        for (int i = 0; i < seeds.Length; i++)
        {
            seeds[i] = Encoding.UTF8.GetBytes(texts[i]);
        }

        return seeds;
    }

    private static byte[] Changed(IReadOnlyList<byte[]> seeds, Random random)
    {
        List<byte> input = [.. seeds[random.Next(seeds.Count)]];
        for (int changes = 1 + random.Next(4); changes > 0; changes--)
        {
            int at = random.Next(input.Count + 1);
            int length = random.Next(Math.Min(input.Count - at, 40) + 1);
            switch (random.Next(7))
            {
                case 0 when at < input.Count:
                    input[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < input.Count:
                    input[at] = (byte)random.Next(256);
                    break;
                case 2:
                    input.RemoveRange(at, length);
                    break;
                case 3:
                    input.InsertRange(at, s_words[random.Next(s_words.Length)]);
                    break;
                case 4:
                    List<byte> slice = input.GetRange(at, length);
                    input.InsertRange(random.Next(input.Count + 1), slice);
                    break;
                case 5:
                    byte[] other = seeds[random.Next(seeds.Count)];
                    int from = random.Next(other.Length + 1);
                    input.InsertRange(at, other[from..(from + random.Next(Math.Min(other.Length - from, 60) + 1))]);
                    break;
                default:
                    input.RemoveRange(at, random.Next(4) == 0 ? input.Count - at : 0);
                    break;
            }
        }

        return input.Count <= Longest ? [.. input] : [.. input.Take(Longest)];
    }
}
