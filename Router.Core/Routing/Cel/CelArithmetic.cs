namespace Router.Core.Routing.Cel;

/// <summary><c>+ - * / %</c>. Whole numbers never wrap around: what does not fit is an error.</summary>
internal static class CelArithmetic
{
    public static readonly CelError Overflow = new("a number does not fit 64 bits");

    private static readonly CelError ByZero = new("division by zero");

    public static CelValue Of(string symbol, CelValue left, CelValue right)
    {
        try
        {
            return (left, right) switch
            {
                (CelInt a, CelInt b) => Int(symbol, a.Value, b.Value),
                (CelUInt a, CelUInt b) => UInt(symbol, a.Value, b.Value),
                (CelDouble a, CelDouble b) when symbol != "%" => new CelDouble(symbol switch
                {
                    "+" => a.Value + b.Value,
                    "-" => a.Value - b.Value,
                    "*" => a.Value * b.Value,
                    _ => a.Value / b.Value,
                }),
                (CelString a, CelString b) when symbol == "+" => Bounded(a.Value.Length + b.Value.Length) ?? new CelString(a.Value + b.Value),
                (CelBytes a, CelBytes b) when symbol == "+" => Bounded(a.Value.Length + b.Value.Length) ?? new CelBytes([.. a.Value, .. b.Value]),
                (CelList a, CelList b) when symbol == "+" => Bounded(a.Items.Length + b.Items.Length) ?? new CelList([.. a.Items, .. b.Items]),
                _ => CelError.NoOverload(symbol, left, right),
            };
        }
        catch (OverflowException)
        {
            return Overflow;
        }
    }

    private static CelValue Int(string symbol, long a, long b) => symbol switch
    {
        "+" => new CelInt(checked(a + b)),
        "-" => new CelInt(checked(a - b)),
        "*" => new CelInt(checked(a * b)),
        _ when b == 0 => ByZero,
        // The one quotient that does not fit; the processor faults on its remainder, which is 0.
        _ when a == long.MinValue && b == -1 => symbol == "/" ? Overflow : new CelInt(0),
        "/" => new CelInt(a / b),
        _ => new CelInt(a % b),
    };

    private static CelValue UInt(string symbol, ulong a, ulong b) => symbol switch
    {
        "+" => new CelUInt(checked(a + b)),
        "-" => new CelUInt(checked(a - b)),
        "*" => new CelUInt(checked(a * b)),
        _ when b == 0 => ByZero,
        "/" => new CelUInt(a / b),
        _ => new CelUInt(a % b),
    };

    private static CelValue? Bounded(int length) =>
        length > CelBudget.LargestResult ? new CelError($"a value is longer than {CelBudget.LargestResult}") : null;
}
