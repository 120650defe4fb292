using System.Text.RegularExpressions;
using CsCheck;
using Router.Core.Routing.Cel;
using Router.Tests.Support;

namespace Router.Tests.Routing.Cel;

/// <summary>Regular expressions that tenants write: each is small, what they keep is bounded, and a request has one budget for all of them.</summary>
[Collection(nameof(CelPatternTests))]
public sealed class CelPatternTests
{
    /// <summary>Grows a state for nearly every character of a text of these two letters.</summary>
    private const string Growing = "(?:a|b)*a(?:a|b){60}c";

    private static readonly string s_letters = new([.. Enumerable.Range(0, 200_000).Select(i => (i * 2654435761L) >> 7 & 1).Select(bit => bit == 0 ? 'a' : 'b')]);

    [Theory]
    [InlineData("a{1000}", true)]
    [InlineData("a{1001}", false)]
    [InlineData("(?:a{10}){100}", true)]
    [InlineData("(?:a{10}){101}", false)]
    [InlineData("((a{9}){9}){9}", true)]
    [InlineData("(((a{9}){9}){9}){9}", false)]
    [InlineData("(?:(?:a?){40}){40}", false)]
    [InlineData("a{2,1000}", true)]
    [InlineData("a{2000,}", false)]
    [InlineData("a{99999999999}", false)]
    [InlineData("[a-z{5000}]{3}", true)]
    [InlineData("[]a]{900}\\{5000}", true)]
    [InlineData("a{,5000}", true)]
    [InlineData("x{y}", true)]
    [InlineData("(?=a)", false)]
    [InlineData("(?!a)", false)]
    [InlineData("(?<=a)b", false)]
    [InlineData("(?<!a)b", false)]
    [InlineData("(?>a)", false)]
    [InlineData("(a)\\1", false)]
    [InlineData("(?<n>a)\\k<n>", false)]
    [InlineData("(?<n>a)", true)]
    [InlineData("(?i)abc", true)]
    [InlineData("(?i:abc)", true)]
    [InlineData("\\d+-\\w*[^\\s]$", true)]
    [InlineData("(", false)]
    [InlineData(")", false)]
    [InlineData("[", false)]
    [InlineData("*", false)]
    public void A_pattern_is_small_with_its_repetitions_written_out(string pattern, bool taken) => Assert.Equal(taken, CelPattern.TryParse(pattern) is not null);

    [Fact]
    public void What_is_taken_can_be_matched_in_linear_time() =>
        Gens.Of("a", "b", "[", "]", "(", ")", "(?:", "(?<n>", "(?=", "(?>", "{2}", "{3,9}", "{20}", "|", "*", "+", "?", "^", "$", "\\b", "\\1", "\\w", "\\", "-", ".", "#", "(?x)", " ").Array[0, 12].Select(string.Concat).Sample(
            pattern =>
            {
                if (CelPattern.TryParse(pattern) is not { } taken)
                {
                    return;
                }

                var time = TimeSpan.FromSeconds(10);
                Assert.Equal(Regex.IsMatch("ab-a", pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10)), taken.IsIn("ab-a", ref time));
            },
            iter: 3_000);

    [Fact]
    public void The_process_keeps_so_many_compiled_and_no_more()
    {
        for (int i = 0; i < 3 * CelPattern.MostKept; i++)
        {
            TimeSpan time = CelPattern.LongestMatch;
            Assert.True(CelPattern.TryParse($"^x{i}")!.IsIn($"x{i}", ref time));
            Assert.InRange(CelPattern.Kept, 1, CelPattern.MostKept);
        }

        int kept = CelPattern.Kept;
        TimeSpan more = CelPattern.LongestMatch;
        Assert.True(CelPattern.TryParse("^y", keep: false)!.IsIn("y", ref more));
        Assert.Equal(kept, CelPattern.Kept);
    }

    [Fact]
    public void Hundreds_of_growing_patterns_keep_little()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        CelPattern[] patterns = [.. Enumerable.Range(0, 120).Select(i => CelPattern.TryParse($"{Growing}{i}")!)];
        foreach (CelPattern pattern in patterns)
        {
            TimeSpan time = CelPattern.LongestMatch;
            try
            {
                pattern.IsIn(s_letters[..3_000], ref time);
            }
            catch (RegexMatchTimeoutException)
            {
                // It has grown as far as it may.
            }
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 150_000_000);
        GC.KeepAlive(patterns);
    }

    [Fact]
    public void All_conditions_of_a_request_have_one_budget()
    {
        var variables = new Dictionary<string, CelValue> { ["text"] = new CelString(s_letters) };
        var budget = new CelBudget();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        string?[] errors = [.. Enumerable.Range(0, 40).Select(i => CelExpression.Parse($"text.matches(\"{Growing}{i}\")").Evaluate(variables, budget).Error)];
        Assert.NotNull(errors[^1]);
        // Forty of them alone take ten seconds; the last may begin just before the time is used up.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, 8 * CelPattern.LongestMatch);
    }
}

/// <summary>By themselves: they measure what the process keeps.</summary>
[CollectionDefinition(nameof(CelPatternTests), DisableParallelization = true)]
public sealed class CelPatternCollection;
