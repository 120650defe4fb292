namespace Router.Core.Routing.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    Literal,
    Symbol,
}

/// <param name="Text">An identifier's name or a symbol.</param>
/// <param name="Value">A literal's value. A whole number beyond what int holds is kept unsigned, for a minus sign may follow it.</param>
internal readonly record struct CelToken(CelTokenKind Kind, int Position, string Text, CelValue? Value = null);
