using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Router.Core.Routing.Cel;

/// <summary>The names an expression can read: the variables, and what the macros around it have brought in.</summary>
internal sealed class CelScope(IReadOnlyDictionary<string, CelValue> variables, CelBudget budget)
{
    private readonly CelScope? _outer;
    private readonly string? _name;
    private readonly CelValue? _value;

    private CelScope(CelScope outer, string name, CelValue value)
        : this(outer.Variables, outer.Budget) => (_outer, _name, _value) = (outer, name, value);

    public CelBudget Budget { get; } = budget;

    private IReadOnlyDictionary<string, CelValue> Variables { get; } = variables;

    public CelScope With(string name, CelValue value) => new(this, name, value);

    public bool TryFind(string name, [NotNullWhen(true)] out CelValue? value)
    {
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            if (scope._name == name)
            {
                value = scope._value!;
                return true;
            }
        }

        return Variables.TryGetValue(name, out value);
    }
}

/// <summary>How much all conditions of one request may do together: macros within macros would otherwise let a short text work for hours.</summary>
public sealed class CelBudget
{
    internal const int Steps = 100_000;

    /// <summary>In characters or items.</summary>
    internal const int LargestResult = 1_000_000;

    internal static readonly CelError Spent = new($"the conditions take more than {Steps} steps");

    internal static readonly CelError SpentOnPatterns = new("the regular expressions take too long");

    internal static readonly CelError NoPattern = new("the pattern is no regular expression this router takes");

    private int _left = Steps;
    private TimeSpan _patternTime = CelPattern.LongestMatch;

    internal bool IsSpent => _left <= 0;

    /// <returns>False once it is spent.</returns>
    internal bool Spend(int steps = 1)
    {
        _left = steps > _left ? 0 : _left - steps;
        return !IsSpent;
    }

    /// <summary>What looking through so many characters or items costs.</summary>
    internal bool SpendOn(int length) => Spend(1 + (length / 64));

    /// <summary>Whether the pattern is found. A match costs as much as its automaton is large, which nothing tells beforehand; so its time counts.</summary>
    /// <returns>An error once the matches of the request have taken <see cref="CelPattern.LongestMatch"/> together.</returns>
    internal CelValue Match(CelPattern pattern, string text)
    {
        if (_patternTime <= TimeSpan.Zero)
        {
            return SpentOnPatterns;
        }

        try
        {
            return CelBool.Of(pattern.IsIn(text, ref _patternTime));
        }
        catch (RegexMatchTimeoutException)
        {
            return SpentOnPatterns;
        }
        catch (NotSupportedException)
        {
            return NoPattern;
        }
    }
}
