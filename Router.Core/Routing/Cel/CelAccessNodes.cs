namespace Router.Core.Routing.Cel;

/// <summary><c>a.b</c>, and <c>has(a.b)</c> where only its presence is asked for.</summary>
internal sealed class CelSelect(CelNode target, string field, bool presence) : CelNode(target)
{
    public CelNode Target { get; } = target;

    public string Field { get; } = field;

    public CelSelect AsPresence() => new(Target, Field, true);

    protected override CelValue Judge(CelScope scope) => Target.Evaluate(scope) switch
    {
        CelMap map when presence => CelBool.Of(map.Entries.ContainsKey(new CelString(Field))),
        CelMap map => map.Entries.TryGetValue(new CelString(Field), out var value) ? value : new CelError($"no such key: {Field}"),
        var other => CelError.NoOverload($".{Field}", other),
    };

    public override string ToString() => presence ? $"has({Target}.{Field})" : $"{Target}.{Field}";
}

internal sealed class CelIndex(CelNode target, CelNode index) : CelNode(target, index)
{
    protected override CelValue Judge(CelScope scope) => (target.Evaluate(scope), index.Evaluate(scope)) switch
    {
        (CelError error, _) => error,
        (_, CelError error) => error,
        (CelMap map, var key) => map.Entries.TryGetValue(key, out var value) ? value : new CelError("no such key"),
        (CelList list, CelInt or CelUInt or CelDouble) and var (_, at) => Item(list, at),
        var (other, at) => CelError.NoOverload("[]", other, at),
    };

    private static CelValue Item(CelList list, CelValue at)
    {
        var position = at switch
        {
            CelInt { Value: >= 0 and <= int.MaxValue } whole => (int)whole.Value,
            CelUInt { Value: <= int.MaxValue } whole => (int)whole.Value,
            CelDouble { Value: >= 0 and <= int.MaxValue } number when number.Value == Math.Floor(number.Value) => (int)number.Value,
            _ => -1,
        };
        return position >= 0 && position < list.Items.Length ? list.Items[position] : new CelError("the index is outside the list");
    }

    public override string ToString() => $"{target}[{index}]";
}

internal sealed class CelListNode(CelNode[] items) : CelNode(items)
{
    protected override CelValue Judge(CelScope scope)
    {
        var values = new CelValue[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            if ((values[i] = items[i].Evaluate(scope)) is CelError error)
                return error;
        }

        return new CelList([.. values]);
    }

    public override string ToString() => $"[{string.Join(", ", items.Select(item => item.ToString()))}]";
}

internal sealed class CelMapNode(CelNode[] keys, CelNode[] values) : CelNode([.. keys, .. values])
{
    protected override CelValue Judge(CelScope scope)
    {
        var entries = new Dictionary<CelValue, CelValue>(CelComparison.Keys);
        for (var i = 0; i < keys.Length; i++)
        {
            var (key, value) = (keys[i].Evaluate(scope), values[i].Evaluate(scope));
            if (key is CelError || value is CelError)
                return key is CelError ? key : value;
            if (key is not (CelBool or CelInt or CelUInt or CelString))
                return new CelError($"a map has no key of type {key.TypeName}");
            if (!entries.TryAdd(key, value))
                return new CelError("a map has a key twice");
        }

        return new CelMap(entries);
    }

    public override string ToString() => $"{{{string.Join(", ", keys.Zip(values, (key, value) => $"{key}: {value}"))}}}";
}
