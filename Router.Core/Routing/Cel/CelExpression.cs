using System.Diagnostics.CodeAnalysis;

namespace Router.Core.Routing.Cel;

/// <summary>
/// A condition in the Common Expression Language, parsed once. Immutable and safe for concurrent use. What may be written
/// and how it is judged is in docs/cel.md.
/// </summary>
public sealed class CelExpression
{
    /// <summary>In characters.</summary>
    public const int LongestText = 4096;

    private readonly CelNode _root;

    private CelExpression(string text, CelNode root, IReadOnlySet<string> variables) => (Text, _root, Variables) = (text, root, variables);

    public string Text { get; }

    /// <summary>The variables it reads; the names a macro brings in are not among them.</summary>
    public IReadOnlySet<string> Variables { get; }

    /// <exception cref="CelException">What is wrong and where, for the person who wrote it.</exception>
    public static CelExpression Parse(string text)
    {
        if (text.Length > LongestText)
            throw new CelException($"The expression is longer than {LongestText} characters.");
        var (root, variables) = new CelParser(text).Parse();
        return new CelExpression(text, root, variables);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out CelExpression? expression, [NotNullWhen(false)] out string? error)
    {
        try
        {
            (expression, error) = (Parse(text), null);
            return true;
        }
        catch (CelException exception)
        {
            (expression, error) = (null, exception.Message);
            return false;
        }
    }

    /// <summary>Judges it. Never throws and takes a bounded number of steps, whatever the variables hold.</summary>
    /// <param name="budget">What this and the other conditions of a request may do together; null: all of it for this one.</param>
    public CelResult Evaluate(IReadOnlyDictionary<string, CelValue> variables, CelBudget? budget = null) => EvaluateValue(variables, budget) switch
    {
        CelBool { Value: var value } => new(value, null),
        CelError { Message: var message } => new(false, message),
        var other => new(false, $"the result is {other.TypeName}, not bool"),
    };

    internal CelValue EvaluateValue(IReadOnlyDictionary<string, CelValue> variables, CelBudget? budget = null) => _root.Evaluate(new CelScope(variables, budget ?? new CelBudget()));

    /// <summary>The expression with every operator's operands in parentheses.</summary>
    internal string Print() => _root.ToString()!;
}

/// <param name="IsTrue">False also when it could not be judged.</param>
/// <param name="Error">Why it could not be judged: no such key, a type that does not fit, an overflow, no bool.</param>
public readonly record struct CelResult(bool IsTrue, string? Error);

/// <summary>Text that is no expression.</summary>
public sealed class CelException : Exception
{
    public CelException(string message)
        : base(message)
    {
    }

    internal CelException(string message, int position)
        : base($"{message} at character {position + 1}.")
    {
    }
}
