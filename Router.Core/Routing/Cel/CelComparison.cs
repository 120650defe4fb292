using System.Collections.Immutable;

namespace Router.Core.Routing.Cel;

/// <summary>Equality and order. Numbers of different types compare by what they are worth, without rounding.</summary>
internal static class CelComparison
{
    private const double TwoTo63 = 9223372036854775808d;
    private const double TwoTo64 = 18446744073709551616d;

    /// <summary>Equality of map keys.</summary>
    public static IEqualityComparer<CelValue> Keys { get; } = new KeyComparer();

    /// <summary>Values of different types, but for numbers, are unequal; that is no error.</summary>
    /// <param name="budget">Pays for every value looked at: lists that hold one list many times over are short to write and long to
    /// compare. Once it is spent the answer means nothing.</param>
    public static bool AreEqual(CelValue left, CelValue right, CelBudget? budget = null) =>
        budget?.SpendOn(Math.Min(CelFunctions.Length(left), CelFunctions.Length(right))) is not false && HaveEqualParts(left, right, budget);

    private static bool HaveEqualParts(CelValue left, CelValue right, CelBudget? budget) => (left, right) switch
    {
        (CelList a, CelList b) => a.Items.Length == b.Items.Length && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second, budget)),
        (CelMap a, CelMap b) => a.Entries.Count == b.Entries.Count && a.Entries.All(entry => b.Entries.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other, budget)),
        (CelBytes a, CelBytes b) => a.Value.AsSpan().SequenceEqual(b.Value.AsSpan()),
        _ when IsNumber(left) && IsNumber(right) => CompareNumbers(left, right) == 0,
        _ => left == right,
    };

    /// <returns>Null where the types have no order between them; <see cref="int.MinValue"/> for NaN, which is neither less nor more.</returns>
    public static int? Compare(CelValue left, CelValue right) => (left, right) switch
    {
        (CelBool a, CelBool b) => a.Value.CompareTo(b.Value),
        (CelString a, CelString b) => CompareCodePoints(a.Value, b.Value),
        (CelBytes a, CelBytes b) => a.Value.AsSpan().SequenceCompareTo(b.Value.AsSpan()),
        _ when IsNumber(left) && IsNumber(right) => CompareNumbers(left, right) ?? int.MinValue,
        _ => null,
    };

    private static bool IsNumber(CelValue value) => value is CelInt or CelUInt or CelDouble;

    private static int? CompareNumbers(CelValue left, CelValue right) => (left, right) switch
    {
        (CelInt a, CelInt b) => a.Value.CompareTo(b.Value),
        (CelUInt a, CelUInt b) => a.Value.CompareTo(b.Value),
        (CelInt a, CelUInt b) => a.Value < 0 ? -1 : ((ulong)a.Value).CompareTo(b.Value),
        (CelUInt a, CelInt b) => b.Value < 0 ? 1 : a.Value.CompareTo((ulong)b.Value),
        (CelDouble a, CelDouble b) => double.IsNaN(a.Value) || double.IsNaN(b.Value) ? null : a.Value.CompareTo(b.Value),
        (CelInt a, CelDouble b) => Compare(a.Value, b.Value),
        (CelUInt a, CelDouble b) => Compare(a.Value, b.Value),
        (CelDouble a, CelInt b) => -Compare(b.Value, a.Value),
        (CelDouble a, CelUInt b) => -Compare(b.Value, a.Value),
        _ => null,
    };

    private static int? Compare(long integer, double number)
    {
        if (double.IsNaN(number))
            return null;
        if (number >= TwoTo63)
            return -1;
        if (number < -TwoTo63)
            return 1;
        var whole = (long)number;
        return integer != whole ? integer.CompareTo(whole) : 0d.CompareTo(number - whole);
    }

    private static int? Compare(ulong integer, double number)
    {
        if (double.IsNaN(number))
            return null;
        if (number >= TwoTo64)
            return -1;
        if (number < 0)
            return 1;
        var whole = (ulong)number;
        return integer != whole ? integer.CompareTo(whole) : 0d.CompareTo(number - whole);
    }

    private static int CompareCodePoints(string left, string right)
    {
        var (a, b) = (left.EnumerateRunes(), right.EnumerateRunes());
        while (true)
        {
            var (more, others) = (a.MoveNext(), b.MoveNext());
            if (!more || !others)
                return more.CompareTo(others);
            if (a.Current != b.Current)
                return a.Current.CompareTo(b.Current);
        }
    }

    private sealed class KeyComparer : IEqualityComparer<CelValue>
    {
        public bool Equals(CelValue? x, CelValue? y) => x is not null && y is not null && AreEqual(x, y);

        // Equal numbers hash alike whatever their type.
        public int GetHashCode(CelValue value) => value switch
        {
            CelInt number => ((double)number.Value).GetHashCode(),
            CelUInt number => ((double)number.Value).GetHashCode(),
            CelDouble number => number.Value.GetHashCode(),
            CelList list => list.Items.Length,
            CelMap map => map.Entries.Count,
            CelBytes bytes => bytes.Value.Length,
            _ => value.GetHashCode(),
        };
    }
}
