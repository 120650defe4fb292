namespace Router.Core.Routing.Cel;

/// <summary><c>all exists exists_one map filter</c>: the body is judged once for each item of a list, or key of a map.</summary>
internal sealed class CelMacro(string name, CelNode target, string variable, CelNode? filter, CelNode body) : CelNode(target, filter, body)
{
    public static bool IsName(string name) => name is "all" or "exists" or "exists_one" or "map" or "filter";

    protected override CelValue Judge(CelScope scope) => target.Evaluate(scope) switch
    {
        CelList list => Over(list.Items, scope),
        CelMap map => Over(map.Entries.Keys, scope),
        var other => CelError.NoOverload(name, other),
    };

    private CelValue Over(IEnumerable<CelValue> items, CelScope scope) => name switch
    {
        "all" => Any(items, scope, decides: false),
        "exists" => Any(items, scope, decides: true),
        "exists_one" => One(items, scope),
        _ => Collect(items, scope),
    };

    /// <summary>As <c>||</c> and <c>&amp;&amp;</c> do it: an item that decides does so past errors of others.</summary>
    private CelValue Any(IEnumerable<CelValue> items, CelScope scope, bool decides)
    {
        CelValue? unclear = null;
        foreach (var item in items)
        {
            var value = body.Evaluate(scope.With(variable, item));
            if (value is CelBool { Value: var truth })
            {
                if (truth == decides)
                    return value;
            }
            else
            {
                unclear ??= CelError.NoOverload(name, value);
            }

            if (ReferenceEquals(value, CelBudget.Spent))
                return value;
        }

        return unclear ?? CelBool.Of(!decides);
    }

    private CelValue One(IEnumerable<CelValue> items, CelScope scope)
    {
        var found = 0;
        foreach (var item in items)
        {
            var value = body.Evaluate(scope.With(variable, item));
            if (value is not CelBool truth)
                return CelError.NoOverload(name, value);
            found += truth.Value ? 1 : 0;
        }

        return CelBool.Of(found == 1);
    }

    private CelValue Collect(IEnumerable<CelValue> items, CelScope scope)
    {
        var kept = new List<CelValue>();
        foreach (var item in items)
        {
            var inner = scope.With(variable, item);
            if (filter is not null)
            {
                switch (filter.Evaluate(inner))
                {
                    case CelBool { Value: false }:
                        continue;
                    case not CelBool and var other:
                        return CelError.NoOverload(name, other);
                }
            }

            var value = body.Evaluate(inner);
            if (value is CelError)
                return value;
            if (name == "map")
                kept.Add(value);
            else if (value is not CelBool truth)
                return CelError.NoOverload(name, value);
            else if (truth.Value)
                kept.Add(item);
        }

        return new CelList([.. kept]);
    }

    public override string ToString() => $"{target}.{name}({variable}, {(filter is null ? "" : $"{filter}, ")}{body})";
}
