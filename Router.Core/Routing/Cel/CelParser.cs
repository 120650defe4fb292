namespace Router.Core.Routing.Cel;

/// <summary>
/// Reads the grammar of docs/cel.md by recursive descent. Nesting and the height of the tree are bounded, so that no text can
/// exhaust the stack here or when it is judged.
/// </summary>
internal sealed class CelParser
{
    private const int DeepestNesting = 64;

    /// <summary>What only a minus sign makes an int of: -2^63 has no positive twin.</summary>
    internal static readonly CelUInt LeastIntUnsigned = new(1UL << 63);

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while",
    };

    private readonly CelLexer _lexer;
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);
    private readonly List<string> _bound = [];
    private CelToken _token;
    private int _depth;

    public CelParser(string text)
    {
        _lexer = new CelLexer(text);
        _token = _lexer.Next();
    }

    public (CelNode Root, IReadOnlySet<string> Variables) Parse()
    {
        var root = Expression();
        if (_token.Kind != CelTokenKind.End)
            throw Unexpected("the end");
        return (root, _variables);
    }

    private CelNode Expression()
    {
        if (++_depth > DeepestNesting)
            throw new CelException($"The expression is nested more than {DeepestNesting} deep", _token.Position);
        var node = Or();
        if (Take("?"))
        {
            var whenTrue = Or();
            Expect(":");
            node = Bounded(new CelConditional(node, whenTrue, Expression()));
        }

        _depth--;
        return node;
    }

    private CelNode Or() => Logic("||", And);

    private CelNode And() => Logic("&&", Relation);

    private CelNode Logic(string symbol, Func<CelNode> operand)
    {
        var first = operand();
        if (!Is(symbol))
            return first;
        List<CelNode> operands = [first];
        while (Take(symbol))
            operands.Add(operand());
        return Bounded(new CelLogic(symbol == "&&", [.. operands]));
    }

    private CelNode Relation() => Binary(Sum, "==", "!=", "<=", ">=", "<", ">", "in");

    private CelNode Sum() => Binary(Product, "+", "-");

    private CelNode Product() => Binary(Unary, "*", "/", "%");

    private CelNode Binary(Func<CelNode> operand, params string[] symbols)
    {
        var node = operand();
        while (Array.Find(symbols, Is) is { } symbol)
        {
            Advance();
            node = Bounded(new CelBinary(symbol, node, operand()));
        }

        return node;
    }

    private CelNode Unary()
    {
        var sign = _token.Text;
        if (!Take("!") && !Take("-"))
            return Member();
        // A minus sign before a number is the number's own.
        if (sign == "-" && _token is { Kind: CelTokenKind.Literal, Value: CelInt or CelDouble or CelUInt } token && (token.Value is not CelUInt || ReferenceEquals(token.Value, LeastIntUnsigned)))
        {
            Advance();
            return Postfix(new CelLiteral(token.Value switch
            {
                CelInt number => new CelInt(-number.Value),
                CelDouble number => new CelDouble(-number.Value),
                _ => new CelInt(long.MinValue),
            }));
        }

        if (++_depth > DeepestNesting)
            throw new CelException($"The expression is nested more than {DeepestNesting} deep", _token.Position);
        var node = Bounded(new CelUnary(sign[0], Unary()));
        _depth--;
        return node;
    }

    private CelNode Member() => Postfix(Primary());

    private CelNode Postfix(CelNode node)
    {
        while (true)
        {
            if (Take("."))
            {
                var (name, position) = Name();
                node = Bounded(Take("(") ? Method(node, name, position) : new CelSelect(node, name, presence: false));
            }
            else if (Take("["))
            {
                node = Bounded(new CelIndex(node, Expression()));
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Primary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case CelTokenKind.Literal:
                Advance();
                return ReferenceEquals(token.Value, LeastIntUnsigned) ? throw new CelException("There is a number that does not fit 64 bits", token.Position) : new CelLiteral(token.Value!);
            case CelTokenKind.Identifier:
                return Identifier();
            case CelTokenKind.Symbol when Take("("):
                var inner = Expression();
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when Take("["):
                return Bounded(new CelListNode(Items("]", Expression)));
            case CelTokenKind.Symbol when Take("{"):
                return Map();
            default:
                throw Unexpected("a value");
        }
    }

    private CelNode Identifier()
    {
        var token = _token;
        Advance();
        switch (token.Text)
        {
            case "true":
                return new CelLiteral(CelBool.True);
            case "false":
                return new CelLiteral(CelBool.False);
            case "null":
                return new CelLiteral(CelNull.Value);
        }

        if (Reserved.Contains(token.Text))
            throw new CelException($"'{token.Text}' is a word of the language", token.Position);
        if (Take("("))
            return Bounded(Function(token));
        if (!_bound.Contains(token.Text))
            _variables.Add(token.Text);
        return new CelIdentifier(token.Text);
    }

    private CelNode Function(CelToken name)
    {
        var arguments = Items(")", Expression);
        if (name.Text == "has")
        {
            return arguments is [CelSelect select]
                ? select.AsPresence()
                : throw new CelException("has() takes one field, as in has(a.b),", name.Position);
        }

        return Call(name.Text, name.Position, isMethod: false, arguments);
    }

    private CelNode Method(CelNode target, string name, int position)
    {
        if (!CelMacro.IsName(name))
            return Call(name, position, isMethod: true, [target, .. Items(")", Expression)]);
        var (variable, at) = Name();
        if (Reserved.Contains(variable))
            throw new CelException($"'{variable}' is a word of the language", at);
        _bound.Add(variable);
        List<CelNode> bodies = [];
        while (Take(","))
            bodies.Add(Expression());
        _bound.RemoveAt(_bound.Count - 1);
        Expect(")");
        return bodies switch
        {
            [var body] => new CelMacro(name, target, variable, null, body),
            [var filter, var body] when name == "map" => new CelMacro(name, target, variable, filter, body),
            _ => throw new CelException($"{name}() takes a name and an expression", position),
        };
    }

    private static CelCall Call(string name, int position, bool isMethod, CelNode[] arguments)
    {
        if (!CelFunctions.Exists(name, isMethod ? arguments.Length - 1 : arguments.Length, isMethod))
            throw new CelException($"There is no {(isMethod ? "method" : "function")} {name} with {(isMethod ? arguments.Length - 1 : arguments.Length)} arguments", position);
        var pattern = name == "matches" && arguments[1] is CelLiteral { Value: CelString written }
            ? CelPattern.TryParse(written.Value) ?? throw new CelException("The pattern is no regular expression this router takes", position)
            : null;
        return new CelCall(name, isMethod, arguments, pattern);
    }

    private CelMapNode Map()
    {
        List<CelNode> values = [];
        var keys = Items("}", () =>
        {
            var key = Expression();
            Expect(":");
            values.Add(Expression());
            return key;
        });
        return new CelMapNode(keys, [.. values]);
    }

    /// <summary>Items between commas up to the closing symbol; one comma may stand at the end.</summary>
    private CelNode[] Items(string closing, Func<CelNode> item)
    {
        List<CelNode> items = [];
        while (!Take(closing))
        {
            items.Add(item());
            if (!Take(","))
            {
                Expect(closing);
                break;
            }
        }

        return [.. items];
    }

    private (string Name, int Position) Name()
    {
        var token = _token;
        if (token.Kind != CelTokenKind.Identifier)
            throw Unexpected("a name");
        Advance();
        return (token.Text, token.Position);
    }

    private CelNode Bounded(CelNode node) => node.Height <= CelNode.Tallest
        ? node
        : throw new CelException("The expression has too many operators in a row", _token.Position);

    private bool Is(string symbol) => _token.Text == symbol && (_token.Kind == CelTokenKind.Symbol || (symbol == "in" && _token.Kind == CelTokenKind.Identifier));

    private bool Take(string symbol)
    {
        if (!Is(symbol))
            return false;
        Advance();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
            throw Unexpected($"'{symbol}'");
    }

    private void Advance() => _token = _lexer.Next();

    private CelException Unexpected(string wanted) =>
        new(_token.Kind == CelTokenKind.End ? $"The expression ends where {wanted} should stand" : $"Something else stands where {wanted} should", _token.Position);
}
