namespace Router.Core.Routing.Cel;

internal sealed class CelConditional(CelNode condition, CelNode whenTrue, CelNode whenFalse) : CelNode(condition, whenTrue, whenFalse)
{
    protected override CelValue Judge(CelScope scope) => condition.Evaluate(scope) switch
    {
        CelBool { Value: true } => whenTrue.Evaluate(scope),
        CelBool => whenFalse.Evaluate(scope),
        var other => CelError.NoOverload("? :", other),
    };

    public override string ToString() => $"({condition} ? {whenTrue} : {whenFalse})";
}

/// <summary><c>&amp;&amp;</c> and <c>||</c> of any number of operands. One that decides does so wherever it stands, past errors before it.</summary>
internal sealed class CelLogic(bool isAnd, CelNode[] operands) : CelNode(operands)
{
    protected override CelValue Judge(CelScope scope)
    {
        CelValue? unclear = null;
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(scope);
            if (value is CelBool { Value: var truth })
            {
                if (truth != isAnd)
                    return value;
            }
            else
            {
                unclear ??= CelError.NoOverload(isAnd ? "&&" : "||", value);
            }
        }

        return unclear ?? CelBool.Of(isAnd);
    }

    public override string ToString() => $"({string.Join(isAnd ? " && " : " || ", operands.Select(operand => operand.ToString()))})";
}

internal sealed class CelUnary(char symbol, CelNode operand) : CelNode(operand)
{
    protected override CelValue Judge(CelScope scope) => (symbol, operand.Evaluate(scope)) switch
    {
        ('!', CelBool value) => CelBool.Of(!value.Value),
        ('-', CelInt { Value: long.MinValue }) => CelArithmetic.Overflow,
        ('-', CelInt value) => new CelInt(-value.Value),
        ('-', CelDouble value) => new CelDouble(-value.Value),
        (_, var other) => CelError.NoOverload($"{symbol}", other),
    };

    public override string ToString() => $"({symbol}({operand}))";
}

internal sealed class CelBinary(string symbol, CelNode left, CelNode right) : CelNode(left, right)
{
    protected override CelValue Judge(CelScope scope)
    {
        var (a, b) = (left.Evaluate(scope), right.Evaluate(scope));
        if (a is CelError)
            return a;
        if (b is CelError)
            return b;
        if (!scope.Budget.SpendOn(CelFunctions.Length(a) + CelFunctions.Length(b)))
            return CelBudget.Spent;
        CelValue result = symbol switch
        {
            "==" => CelBool.Of(CelComparison.AreEqual(a, b, scope.Budget)),
            "!=" => CelBool.Of(!CelComparison.AreEqual(a, b, scope.Budget)),
            "in" => CelFunctions.In(a, b, scope.Budget),
            "<" or "<=" or ">" or ">=" => Order(a, b),
            _ => CelArithmetic.Of(symbol, a, b),
        };
        // A comparison the budget cut short has no result.
        return scope.Budget.IsSpent ? CelBudget.Spent : result;
    }

    private CelValue Order(CelValue a, CelValue b) => CelComparison.Compare(a, b) switch
    {
        null => CelError.NoOverload(symbol, a, b),
        int.MinValue => CelBool.False,
        var order => CelBool.Of(symbol switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 }),
    };

    public override string ToString() => $"({left} {symbol} {right})";
}
