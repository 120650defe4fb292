using System.Text.Json;
using Router.Core.Routing.Cel;

namespace Router.Tests.Routing.Cel;

/// <summary>What the language says each expression is worth.</summary>
public sealed class CelConformanceTests
{
    private static readonly Dictionary<string, CelValue> Variables = new()
    {
        ["metadata"] = Json("""{"tier":"premium","n":3,"big":9007199254740993,"ratio":0.5,"flag":true,"none":null,"tags":["a","b"],"inner":{"x":{"y":1}},"a b":"spaced"}"""),
        ["messages"] = Json("""[{"role":"system","content":"Be brief."},{"role":"user","content":"Translate this to German"}]"""),
        ["user"] = new CelString("u-1"),
        ["empty"] = Json("{}"),
    };

    public static TheoryData<string> True => new(
        "true", "!false", "1 == 1", "1 == 1.0", "1u == 1", "1 != 1.5", "1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", "-1 < 1u", "9007199254740993 != 9007199254740992.0",
        "9223372036854775807 < 9223372036854775808.0", "-9223372036854775808 == -9223372036854775808", "18446744073709551615u > -1", "0x1F == 31", "0xffu == 255u",
        "1.5e2 == 150.0", ".5 == 0.5", "'a' == \"a\"", "'a' < 'b'", "'\\u00e4' == 'ä'", "'\\U0001F600' == '😀'", "'\\x41\\101' == 'AA'", "r'\\n' == '\\\\n'", "'''it's''' == \"it's\"",
        "\"\"\"two\nlines\"\"\" == 'two\\nlines'", "b'\\xff' != b'\\xfe'", "b'ä' == b'\\xc3\\xa4'", "null == null", "null != 0", "'1' != 1", "[1, 2] == [1.0, 2u]", "[1] + [2] == [1, 2]",
        "{'a': 1, 'b': 2} == {'b': 2, 'a': 1.0}", "{1: 'x'}[1.0] == 'x'", "{true: 1}[true] == 1", "[1, 2, 3][1] == 2", "[1, 2,] == [1, 2]", "{'a': 1,} == {'a': 1}",
        "metadata.tier == 'premium'", "metadata['tier'] == 'premium'", "metadata['a b'] == 'spaced'", "metadata.inner.x.y == 1", "metadata.none == null", "metadata.big == 9007199254740993",
        "'premium' in ['free', 'premium']", "'tier' in metadata", "!('x' in metadata)", "2.0 in [1, 2]", "has(metadata.tier)", "!has(metadata.nothing)", "has(metadata.none)", "has(metadata.inner.x)",
        "has(metadata.tier) && metadata.tier == 'premium'", "size(messages) == 2", "messages.size() == 2", "size('😀ä') == 2", "size(b'ä') == 2", "size({'a': 1}) == 1", "size([]) == 0",
        "messages[1].content.contains('German')", "user.startsWith('u-')", "user.endsWith('1')", "user.matches('^u-[0-9]+$')", "matches('xay', 'a')", "'Ab'.lowerAscii() == 'ab'", "'aä'.upperAscii() == 'Aä'", "' x '.trim() == 'x'",
        "messages.exists(m, m.role == 'user')", "messages.all(m, size(m.content) > 3)", "messages.exists_one(m, m.role == 'system')", "messages.map(m, m.role) == ['system', 'user']",
        "messages.filter(m, m.role == 'user')[0].content.startsWith('Translate')", "[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]", "{'a': 1, 'b': 2}.exists(k, k == 'b')", "[[1], [2]].exists(l, l.exists(x, x == 2))",
        "[1, 2].all(x, [3, 4].all(y, x < y))", "[].all(x, false)", "![].exists(x, true)", "user == 'u-1' ? true : false", "false ? nothing : true", "true ? true : 1 / 0 == 1", "false || false ? false : true",
        "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "7 / 2 == 3", "-7 / 2 == -3", "-7 % 3 == -1", "7.0 / 2.0 == 3.5", "1 - 1 - 1 == -1", "2 * -3 == -6", "--1 == 1", "!!true", "-(1) == -1", "1.0 / 0.0 > 1e300",
        "'a' + 'b' == 'ab'", "b'a' + b'b' == b'ab'", "int('42') == 42", "int(3.9) == 3", "int(-3.9) == -3", "uint(7) == 7u", "double('1.5') == 1.5", "string(12) == '12'", "string(true) == 'true'", "string(b'ab') == 'ab'", "bool('true')", "int(5u) == 5",
        // The side that decides does so past an error of the other.
        "true || 1 / 0 == 1", "1 / 0 == 1 || true", "!(false && nothing)", "!(nothing && false)", "nothing || true", "[0, 1].exists(x, 1 / x == 1)", "![0, 1].all(x, 1 / x == 2)",
        "// a comment\ntrue", "true // and another", "\ttrue\r\n", "true || true || false", "a_1 || true");

    public static TheoryData<string, string> Errors => new()
    {
        { "metadata.nothing == 1", "no such key: nothing" }, { "metadata.tier.x == 1", "does not take string" }, { "nothing", "no variable 'nothing'" }, { "1", "is int, not bool" }, { "'true'", "is string, not bool" },
        { "1 / 0 == 1", "division by zero" }, { "1 % 0 == 1", "division by zero" }, { "1u / 0u == 1u", "division by zero" }, { "9223372036854775807 + 1 == 0", "64 bits" }, { "-9223372036854775808 - 1 == 0", "64 bits" },
        { "-9223372036854775808 / -1 == 0", "64 bits" }, { "-(-9223372036854775808) == 0", "64 bits" }, { "0u - 1u == 0u", "64 bits" }, { "4611686018427387904 * 2 == 0", "64 bits" }, { "1 + 1.0 == 2.0", "int and double" }, { "1 + 1u == 2", "int and uint" },
        { "'a' + 1 == 'a1'", "string and int" }, { "'a' < 1", "string and int" }, { "null < null", "null" }, { "[1] < [2]", "list" }, { "!1", "! does not take int" }, { "-'a' == 'a'", "- does not take string" }, { "-1u == 1", "- does not take uint" },
        { "1 && true", "&& does not take int" }, { "1 ? true : false", "? : does not take int" }, { "[1][1] == 1", "outside the list" }, { "[1][-1] == 1", "outside the list" }, { "[1][0.5] == 1", "outside the list" }, { "{'a': 1}['b'] == 1", "no such key" },
        { "'a'[0] == 'a'", "[] does not take" }, { "1 in 1", "in does not take" }, { "size(1) == 1", "size does not take int" }, { "int('x') == 1", "no whole number" }, { "int(1e30) == 1", "64 bits" }, { "uint(-1) == 1u", "64 bits" }, { "uint(-0.5) == 0u", "64 bits" }, { "double('x') == 1.0", "no number" },
        { "bool('yes')", "bool does not take string" }, { "string([]) == ''", "string does not take list" }, { "string(b'\\xff') == ''", "no UTF-8" }, { "1.exists(x, true)", "exists does not take int" }, { "[1].all(x, x)", "all does not take int" },
        { "[1, 0].exists_one(x, 1 / x == 1)", "division by zero" }, { "[0].map(x, 1 / x) == []", "division by zero" }, { "[1].filter(x, x) == []", "filter does not take int" }, { "{1.5: 1} == {}", "no key of type double" }, { "{1: 1, 1u: 2} == {}", "a key twice" },
        { "'a'.matches(user + '(')", "no regular expression" }, { "has(user.x)", ".x does not take string" }, { "1.5 % 1.0 == 0.5", "double and double" },
    };

    public static TheoryData<string> Refused => new(
        "", "   ", "true true", "(", "(true", "true)", "[1", "{1}", "{1:", "a.", "a.1", "a[", "1 +", "+ 1", "a b", "a ? b", "a ? b :", "&& a", "a &&", "a & b", "a = b", "'", "'a", "\"a'", "'a\nb'", "'\\q'", "'\\x4'", "'\\ud800'", "'\\U00110000'", "'\\400'",
        "1.2.3", "0x", "18446744073709551616u", "9223372036854775808", "-9223372036854775809", "nope(1)", "size()", "size(1, 2)", "'a'.size(1)", "'a'.nope()", "contains('a', 'b')", "has(a)", "has(a[0])", "has()", "[1].all(x)", "[1].all(1, true)", "[1].filter(x, true, true)",
        "[1].all(in, true)", "in", "for", "if", "a in", "'a'.matches('(')", "#", "a; b", "@", "$x", "`x`", "☃", "rr'a'", "bb'a'", "1u8", "[1,,2]", "{,}", "f(,)", "//");

    [Theory]
    [MemberData(nameof(True))]
    public void It_is_true(string text)
    {
        var (isTrue, error) = CelExpression.Parse(text).Evaluate(Variables);
        Assert.True(isTrue, error);
        Assert.Null(error);
        Assert.False(CelExpression.Parse($"!(\n{text}\n)").Evaluate(Variables).IsTrue);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void It_cannot_be_judged(string text, string says)
    {
        var (isTrue, error) = CelExpression.Parse(text).Evaluate(Variables);
        Assert.False(isTrue);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void It_is_no_expression(string text)
    {
        Assert.False(CelExpression.TryParse(text, out _, out var error));
        Assert.Matches("character [0-9]+\\.$", error);
        Assert.Equal(error, Assert.Throws<CelException>(() => CelExpression.Parse(text)).Message);
    }

    [Fact]
    public void The_variables_it_reads_are_known()
    {
        Assert.Equal(["a", "b", "c", "x"], CelExpression.Parse("a.f(1).size() == 1 || true".Replace(".f(1)", "")).Variables.Concat(CelExpression.Parse("b.exists(x, x == c) && x").Variables).Order());
        Assert.Empty(CelExpression.Parse("[1].all(x, [2].all(y, x < y))").Variables);
    }

    private static CelValue Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CelValue.FromJson(document.RootElement);
    }
}
