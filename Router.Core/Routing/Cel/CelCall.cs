namespace Router.Core.Routing.Cel;

/// <summary>A call of a function, or of a method, whose receiver is the first argument.</summary>
internal sealed class CelCall : CelNode
{
    private readonly string _name;
    private readonly bool _isMethod;
    private readonly CelNode[] _arguments;
    private readonly CelPattern? _pattern;

    /// <param name="pattern">Of <c>matches</c> with a literal: read once.</param>
    public CelCall(string name, bool isMethod, CelNode[] arguments, CelPattern? pattern)
        : base(arguments) => (_name, _isMethod, _arguments, _pattern) = (name, isMethod, arguments, pattern);

    protected override CelValue Judge(CelScope scope)
    {
        var values = new CelValue[_arguments.Length];
        var length = 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _arguments[i].Evaluate(scope);
            length += CelFunctions.Length(values[i]);
        }

        // Making a pattern and matching it cost more than looking through a text.
        var spent = _name == "matches" ? scope.Budget.Spend((_pattern is null ? 2_000 : 10) + (length / 8)) : scope.Budget.SpendOn(length);
        return spent ? CelFunctions.Call(_name, values, _pattern, scope.Budget) : CelBudget.Spent;
    }

    public override string ToString() => _isMethod
        ? $"{_arguments[0]}.{_name}({string.Join(", ", _arguments.Skip(1).Select(argument => argument.ToString()))})"
        : $"{_name}({string.Join(", ", _arguments.Select(argument => argument.ToString()))})";
}
