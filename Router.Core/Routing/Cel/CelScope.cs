using System.Diagnostics.CodeAnalysis;

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

/// <summary>How much one evaluation may do: macros within macros would otherwise let a short text work for hours.</summary>
internal sealed class CelBudget
{
    public const int Steps = 100_000;

    /// <summary>In characters or items.</summary>
    public const int LargestResult = 1_000_000;

    public static readonly CelError Spent = new($"the expression takes more than {Steps} steps");

    private int _left = Steps;

    /// <returns>False once it is spent.</returns>
    public bool Spend(int steps = 1)
    {
        _left = steps > _left ? 0 : _left - steps;
        return _left > 0;
    }

    /// <summary>What looking through so many characters or items costs.</summary>
    public bool SpendOn(int length) => Spend(1 + (length / 64));
}
