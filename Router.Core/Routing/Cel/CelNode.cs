namespace Router.Core.Routing.Cel;

/// <summary>A part of an expression. Immutable. ToString gives text that parses to the same.</summary>
internal abstract class CelNode
{
    /// <summary>Evaluation and printing recurse; a taller tree is not parsed.</summary>
    public const int Tallest = 250;

    protected CelNode(params ReadOnlySpan<CelNode?> children)
    {
        foreach (var child in children)
            Height = Math.Max(Height, child?.Height ?? 0);
        Height++;
    }

    public int Height { get; }

    public CelValue Evaluate(CelScope scope) => scope.Budget.Spend() ? Judge(scope) : CelBudget.Spent;

    protected abstract CelValue Judge(CelScope scope);
}

internal sealed class CelLiteral(CelValue value) : CelNode([])
{
    public CelValue Value { get; } = value;

    protected override CelValue Judge(CelScope scope) => Value;

    public override string ToString() => CelText.Of(Value);
}

internal sealed class CelIdentifier(string name) : CelNode([])
{
    public string Name { get; } = name;

    protected override CelValue Judge(CelScope scope) => scope.TryFind(Name, out var value) ? value : new CelError($"there is no variable '{Name}'");

    public override string ToString() => Name;
}
