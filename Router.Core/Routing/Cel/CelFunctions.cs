using System.Globalization;
using System.Text;

namespace Router.Core.Routing.Cel;

/// <summary>The functions of the language. A method's receiver is its first argument.</summary>
internal static class CelFunctions
{
    /// <summary>By name: how many arguments it takes as a function, and as a method beside its receiver; -1: not at all.</summary>
    private static readonly Dictionary<string, (int Function, int Method)> Arities = new(StringComparer.Ordinal)
    {
        ["size"] = (1, 0),
        ["int"] = (1, -1),
        ["uint"] = (1, -1),
        ["double"] = (1, -1),
        ["string"] = (1, -1),
        ["bool"] = (1, -1),
        ["matches"] = (2, 1),
        ["contains"] = (-1, 1),
        ["startsWith"] = (-1, 1),
        ["endsWith"] = (-1, 1),
        ["lowerAscii"] = (-1, 0),
        ["upperAscii"] = (-1, 0),
        ["trim"] = (-1, 0),
    };

    public static bool Exists(string name, int arguments, bool isMethod) =>
        Arities.TryGetValue(name, out var arity) && (isMethod ? arity.Method : arity.Function) == arguments;

    public static int Length(CelValue value) => value switch
    {
        CelString text => text.Value.Length,
        CelBytes bytes => bytes.Value.Length,
        CelList list => list.Items.Length,
        CelMap map => map.Entries.Count,
        _ => 0,
    };

    public static CelValue In(CelValue item, CelValue container, CelBudget budget) => container switch
    {
        CelList list => CelBool.Of(list.Items.Any(other => CelComparison.AreEqual(item, other, budget))),
        CelMap map => CelBool.Of(map.Entries.ContainsKey(item)),
        _ => CelError.NoOverload("in", item, container),
    };

    public static CelValue Call(string name, CelValue[] arguments, CelPattern? pattern, CelBudget budget)
    {
        foreach (var argument in arguments)
        {
            if (argument is CelError error)
                return error;
        }

        return (name, arguments) switch
        {
            ("size", [CelString text]) => new CelInt(text.Value.EnumerateRunes().Count()),
            ("size", [CelBytes or CelList or CelMap]) => new CelInt(Length(arguments[0])),
            ("contains", [CelString text, CelString part]) => CelBool.Of(text.Value.Contains(part.Value, StringComparison.Ordinal)),
            ("startsWith", [CelString text, CelString part]) => CelBool.Of(text.Value.StartsWith(part.Value, StringComparison.Ordinal)),
            ("endsWith", [CelString text, CelString part]) => CelBool.Of(text.Value.EndsWith(part.Value, StringComparison.Ordinal)),
            ("lowerAscii", [CelString text]) => new CelString(string.Concat(text.Value.Select(character => char.IsAscii(character) ? char.ToLowerInvariant(character) : character))),
            ("upperAscii", [CelString text]) => new CelString(string.Concat(text.Value.Select(character => char.IsAscii(character) ? char.ToUpperInvariant(character) : character))),
            ("trim", [CelString text]) => new CelString(text.Value.Trim()),
            ("matches", [CelString text, CelString]) when pattern is not null => budget.Match(pattern, text.Value),
            ("matches", [CelString text, CelString written]) => CelPattern.TryParse(written.Value, keep: false) is { } made ? budget.Match(made, text.Value) : CelBudget.NoPattern,
            ("int", [var value]) => ToInt(value),
            ("uint", [var value]) => ToUInt(value),
            ("double", [var value]) => ToDouble(value),
            ("string", [var value]) => ToText(value),
            ("bool", [CelBool value]) => value,
            ("bool", [CelString { Value: "true" or "True" or "TRUE" or "t" or "1" }]) => CelBool.True,
            ("bool", [CelString { Value: "false" or "False" or "FALSE" or "f" or "0" }]) => CelBool.False,
            _ => CelError.NoOverload(name, arguments),
        };
    }

    private static CelValue ToInt(CelValue value) => value switch
    {
        CelInt => value,
        CelUInt { Value: <= long.MaxValue } number => new CelInt((long)number.Value),
        CelDouble { Value: > -9223372036854775808d and < 9223372036854775808d } number => new CelInt((long)number.Value),
        CelString text when long.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => new CelInt(number),
        CelUInt or CelDouble => CelArithmetic.Overflow,
        CelString => new CelError("the text is no whole number"),
        _ => CelError.NoOverload("int", value),
    };

    private static CelValue ToUInt(CelValue value) => value switch
    {
        CelUInt => value,
        CelInt { Value: >= 0 } number => new CelUInt((ulong)number.Value),
        CelDouble { Value: >= 0 and < 18446744073709551616d } number => new CelUInt((ulong)number.Value),
        CelString text when ulong.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => new CelUInt(number),
        CelInt or CelDouble => CelArithmetic.Overflow,
        CelString => new CelError("the text is no whole number"),
        _ => CelError.NoOverload("uint", value),
    };

    private static CelValue ToDouble(CelValue value) => value switch
    {
        CelDouble => value,
        CelInt number => new CelDouble(number.Value),
        CelUInt number => new CelDouble(number.Value),
        CelString text when double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => new CelDouble(number),
        CelString => new CelError("the text is no number"),
        _ => CelError.NoOverload("double", value),
    };

    private static CelValue ToText(CelValue value) => value switch
    {
        CelString => value,
        CelInt number => new CelString(number.Value.ToString(CultureInfo.InvariantCulture)),
        CelUInt number => new CelString(number.Value.ToString(CultureInfo.InvariantCulture)),
        CelDouble number => new CelString(number.Value.ToString("R", CultureInfo.InvariantCulture)),
        CelBool { Value: var truth } => new CelString(truth ? "true" : "false"),
        CelBytes bytes => Decode(bytes.Value.AsSpan()) is { } text ? new CelString(text) : new CelError("the bytes are no UTF-8"),
        _ => CelError.NoOverload("string", value),
    };

    private static string? Decode(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
}
