using System.Diagnostics;
using System.Numerics;
using System.Text.Json;
using CsCheck;
using Router.Core.Routing.Cel;
using Router.Tests.Support;

namespace Router.Tests.Routing.Cel;

/// <summary>What holds for every expression, and for every text that is none.</summary>
public sealed class CelPropertyTests
{
    private static readonly Dictionary<string, CelValue> Variables = new()
    {
        ["a"] = CelValue.FromJson(JsonElement.Parse("""{"b":[1,2.5,"x",null,true],"c":{"d":"e"}}""")),
        ["n"] = new CelInt(3),
        ["s"] = new CelString("text ä 😀"),
    };

    private static readonly Gen<string> Atom = Gen.OneOf(
        Gens.Of("true", "false", "null", "a", "n", "s", "a.b", "a.c.d", "a[\"c\"]", "a.b[0]", "has(a.c)", "missing"),
        Gen.Int[-3, 9].Select(number => $"{number}"),
        Gen.UInt[0, 9].Select(number => $"{number}u"),
        Gens.Of("1.5", "-0.0", "1e308", "9223372036854775807", "-9223372036854775808", "'x'", "\"\\u0000\\\"\\\\\"", "r'\\d'", "b'\\xff'", "''", "[]", "{}"));

    /// <summary>Well-formed expressions of any type, most of which do not fit together.</summary>
    private static readonly Gen<string> Expression = Gen.Recursive<string>((depth, inner) => depth > 4 ? Atom : Gen.Frequency(
        (3, Atom),
        (4, Gen.Select(inner, Gens.Of("==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "&&", "||"), inner, (l, symbol, r) => $"({l} {symbol} {r})")),
        (1, Gen.Select(Gens.Of("!", "-"), inner, (sign, value) => $"{sign}({value})")),
        (1, Gen.Select(inner, inner, inner, (a, b, c) => $"({a} ? {b} : {c})")),
        (1, Gen.Select(inner, inner, (a, b) => $"[{a}, {b}]")),
        (1, Gen.Select(inner, inner, (a, b) => $"{{{a}: {b}}}")),
        (1, Gen.Select(inner, inner, (a, b) => $"({a})[{b}]")),
        (1, Gen.Select(inner, Gens.Of("size", "int", "uint", "double", "string", "bool"), (a, f) => $"{f}({a})")),
        (1, Gen.Select(inner, Gens.Of("contains", "startsWith", "matches"), inner, (a, f, b) => $"({a}).{f}({b})")),
        (1, Gen.Select(inner, Gens.Of("all", "exists", "exists_one", "map", "filter"), inner, (a, f, b) => $"({a}).{f}(x, ({b}) == x)"))));

    [Fact]
    public void What_is_printed_reads_back_as_the_same() => Expression.Where(text => CelExpression.TryParse(text, out _, out _)).Sample(text =>
    {
        var first = CelExpression.Parse(text);
        var second = CelExpression.Parse(first.Print());
        Assert.Equal(first.Print(), second.Print());
        Assert.True(Same(first.EvaluateValue(Variables), second.EvaluateValue(Variables)), $"{text} and {first.Print()} differ.");
    });

    [Fact]
    public void Judging_never_throws_and_an_error_is_never_true() => Expression.Where(text => CelExpression.TryParse(text, out _, out _)).Sample(text =>
    {
        var result = CelExpression.Parse(text).Evaluate(Variables);
        Assert.False(result.IsTrue && result.Error is not null);
    });

    [Fact]
    public void And_and_or_do_not_care_about_the_order() => Gen.Select(Expression, Expression).Where((a, b) => CelExpression.TryParse($"{a} && {b}", out _, out _)).Sample((a, b) =>
    {
        foreach (var symbol in (string[])["&&", "||"])
        {
            var (one, other) = (CelExpression.Parse($"({a}) {symbol} ({b})").Evaluate(Variables), CelExpression.Parse($"({b}) {symbol} ({a})").Evaluate(Variables));
            Assert.Equal(one.IsTrue, other.IsTrue);
            Assert.Equal(one.Error is null, other.Error is null);
        }
    });

    [Fact]
    public void Any_text_is_an_expression_or_refused_with_a_reason() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["()[]{}.,?:!&|<>=+-*/%'\"\\ abxr01u\n\t"], 0, 60], Gen.Select(Expression, Gen.Int[0, 200], Gen.Char, Spoil)).Sample(text =>
        {
            if (CelExpression.TryParse(text, out var expression, out var error))
                expression.Evaluate(Variables);
            else
                Assert.NotEmpty(error);
        });

    [Fact]
    public void Whole_numbers_are_exact_or_an_error() => Gen.Select(Gen.Long, Gen.Long, Gens.Of("+", "-", "*", "/", "%")).Sample((a, b, symbol) =>
    {
        var value = CelExpression.Parse($"x {symbol} y").EvaluateValue(new Dictionary<string, CelValue> { ["x"] = new CelInt(a), ["y"] = new CelInt(b) });
        BigInteger? exact = symbol switch
        {
            "+" => (BigInteger)a + b,
            "-" => (BigInteger)a - b,
            "*" => (BigInteger)a * b,
            _ when b == 0 => null,
            "/" => BigInteger.Divide(a, b),
            _ => BigInteger.Remainder(a, b),
        };
        if (exact is { } number && number >= long.MinValue && number <= long.MaxValue)
            Assert.Equal(new CelInt((long)number), value);
        else
            Assert.IsType<CelError>(value);
    });

    [Fact]
    public void Numbers_of_different_types_compare_by_what_they_are_worth() => Gen.Select(Gen.Long, Gen.Double).Where((_, number) => double.IsFinite(number)).Sample((whole, number) =>
    {
        var variables = new Dictionary<string, CelValue> { ["x"] = new CelInt(whole), ["y"] = new CelDouble(number) };
        Assert.Equal(new BigInteger(whole) < new BigInteger(Math.Ceiling(number)), CelExpression.Parse("x < y").Evaluate(variables).IsTrue);
        Assert.Equal(new BigInteger(whole) > new BigInteger(Math.Floor(number)), CelExpression.Parse("x > y").Evaluate(variables).IsTrue);
    });

    [Theory]
    [InlineData("l.all(a, l.all(b, l.all(c, l.all(d, l.all(e, l.all(f, true))))))")]
    [InlineData("l.map(a, l.map(b, l.map(c, l.map(d, l)))) == []")]
    [InlineData("l.map(a, s + s + s + s).map(b, b + b + b + b).all(c, c.contains('zzz'))")]
    [InlineData("l.all(a, s.matches(s + '.*x'))")]
    public void A_small_expression_cannot_work_for_long(string text)
    {
        var variables = new Dictionary<string, CelValue> { ["l"] = new CelList([.. Enumerable.Range(0, 60).Select(i => new CelInt(i))]), ["s"] = new CelString(new string('a', 400)) };
        var clock = Stopwatch.StartNew();
        CelExpression.Parse(text).Evaluate(variables);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"It took {clock.Elapsed}.");
    }

    [Theory]
    [InlineData("z == z")]
    [InlineData("z != z")]
    [InlineData("z in [z]")]
    [InlineData("{'k': z} == {'k': z}")]
    public async Task Comparing_what_holds_itself_many_times_over_ends_in_an_error(string text)
    {
        var shared = "[1]" + string.Concat(Enumerable.Repeat(".map(a,[a,a])", 60));
        var judging = Task.Run(() => CelExpression.Parse($"{shared}.all(z, {text})").Evaluate(Variables), TestContext.Current.CancellationToken);
        Assert.Equal(new CelResult(false, CelBudget.Spent.Message), await judging.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("s.matches('([ab]{0,30}a){20}c')")]
    [InlineData("s.matches('([ab]{0,30}a){20}' + 'c')")]
    [InlineData("[1, 2, 3, 4, 5, 6, 7, 8, 9].exists(i, s.matches('([ab]{0,30}a){20}c'))")]
    public void A_pattern_with_a_large_automaton_ends_in_an_error(string text)
    {
        var random = new Random(7);
        var hostile = string.Concat(Enumerable.Range(0, 700_000).Select(_ => random.Next(2) == 0 ? 'a' : 'b'));
        var clock = Stopwatch.StartNew();
        var result = CelExpression.Parse(text).Evaluate(new Dictionary<string, CelValue> { ["s"] = new CelString(hostile) });
        Assert.False(result.IsTrue);
        Assert.NotNull(result.Error);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), $"It took {clock.Elapsed}.");
    }

    [Theory]
    [InlineData("(", 2000)]
    [InlineData("[", 2000)]
    [InlineData("!", 2000)]
    [InlineData("-", 2000)]
    [InlineData("a+", 2000)]
    [InlineData("a?", 1300)]
    [InlineData("a.", 2000)]
    [InlineData("f(", 2000)]
    [InlineData("{1:", 1300)]
    public void Nesting_is_refused_before_the_stack_ends(string piece, int times) =>
        Assert.False(CelExpression.TryParse(string.Concat(Enumerable.Repeat(piece, times)) + "a", out _, out _));

    [Fact]
    public void A_long_chain_of_alternatives_is_no_nesting()
    {
        var text = string.Join(" || ", Enumerable.Repeat("n == 4", 400)) + " || n == 3";
        Assert.True(CelExpression.Parse(text).Evaluate(Variables).IsTrue);
        Assert.False(CelExpression.TryParse(text + new string(' ', CelExpression.LongestText), out _, out _));
    }

    private static string Spoil(string text, int at, char with) => at < text.Length ? text[..at] + with + text[(at + 1)..] : text[..(text.Length / 2)];

    private static bool Same(CelValue left, CelValue right) => left.ToString() == right.ToString() || CelComparison.AreEqual(left, right);
}
