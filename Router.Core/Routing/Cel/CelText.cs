using System.Globalization;
using System.Text;

namespace Router.Core.Routing.Cel;

/// <summary>Literals as text that reads back as the same value.</summary>
internal static class CelText
{
    public static string Of(CelValue value) => value switch
    {
        CelBool { Value: var truth } => truth ? "true" : "false",
        CelInt { Value: long.MinValue } => "-9223372036854775808",
        CelInt number => number.Value.ToString(CultureInfo.InvariantCulture),
        CelUInt number => $"{number.Value.ToString(CultureInfo.InvariantCulture)}u",
        CelDouble number => Double(number.Value),
        CelString text => Quote(text.Value),
        CelBytes bytes => $"b\"{string.Concat(bytes.Value.Select(one => $"\\x{one:x2}"))}\"",
        _ => "null",
    };

    /// <summary>With a point or an exponent, or it would read back as an int.</summary>
    private static string Double(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') >= 0 ? text : $"{text}.0";
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\')
                quoted.Append('\\').Append(rune.ToString());
            else if (Rune.IsControl(rune))
                quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
            else
                quoted.Append(rune.ToString());
        }

        return quoted.Append('"').ToString();
    }
}
