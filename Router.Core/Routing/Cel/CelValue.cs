using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.Cel;

/// <summary>A value of the language. Equality as the language has it is <see cref="CelComparison.AreEqual"/>.</summary>
public abstract record CelValue
{
    internal abstract string TypeName { get; }

    /// <summary>More values than an expression could look at are none: reading them then is an error.</summary>
    public static CelValue FromJson(JsonElement json)
    {
        var left = 2 * CelBudget.Steps;
        return From(json, ref left);
    }

    private static CelValue From(JsonElement json, ref int left) => --left < 0 ? TooLarge : json.ValueKind switch
    {
        JsonValueKind.True => CelBool.True,
        JsonValueKind.False => CelBool.False,
        JsonValueKind.String => new CelString(json.GetString()!),
        JsonValueKind.Number => json.TryGetInt64(out var integer) ? new CelInt(integer) : new CelDouble(json.GetDouble()),
        JsonValueKind.Array => FromArray(json, ref left),
        JsonValueKind.Object => FromObject(json, ref left),
        _ => CelNull.Value,
    };

    private static readonly CelError TooLarge = new("a variable holds too many values to look at");

    private static CelValue FromArray(JsonElement json, ref int left)
    {
        var items = ImmutableArray.CreateBuilder<CelValue>();
        foreach (var item in json.EnumerateArray())
        {
            items.Add(From(item, ref left));
            if (left < 0)
                return TooLarge;
        }

        return new CelList(items.DrainToImmutable());
    }

    private static CelValue FromObject(JsonElement json, ref int left)
    {
        var entries = new Dictionary<CelValue, CelValue>(CelComparison.Keys);
        foreach (var member in json.EnumerateObject())
        {
            entries[new CelString(member.Name)] = From(member.Value, ref left);
            if (left < 0)
                return TooLarge;
        }

        return new CelMap(entries);
    }
}

public sealed record CelNull : CelValue
{
    public static CelNull Value { get; } = new();

    internal override string TypeName => "null";
}

public sealed record CelBool(bool Value) : CelValue
{
    public static CelBool True { get; } = new(true);

    public static CelBool False { get; } = new(false);

    internal override string TypeName => "bool";

    internal static CelBool Of(bool value) => value ? True : False;
}

public sealed record CelInt(long Value) : CelValue
{
    internal override string TypeName => "int";
}

public sealed record CelUInt(ulong Value) : CelValue
{
    internal override string TypeName => "uint";
}

public sealed record CelDouble(double Value) : CelValue
{
    internal override string TypeName => "double";
}

public sealed record CelString(string Value) : CelValue
{
    internal override string TypeName => "string";
}

public sealed record CelBytes(ImmutableArray<byte> Value) : CelValue
{
    internal override string TypeName => "bytes";
}

public sealed record CelList(ImmutableArray<CelValue> Items) : CelValue
{
    internal override string TypeName => "list";
}

/// <param name="Entries">Keyed by <see cref="CelComparison.Keys"/>.</param>
public sealed record CelMap(IReadOnlyDictionary<CelValue, CelValue> Entries) : CelValue
{
    internal override string TypeName => "map";
}

/// <summary>What could not be judged. It travels as a value, because <c>||</c> and <c>&amp;&amp;</c> may still decide without it.</summary>
internal sealed record CelError(string Message) : CelValue
{
    internal override string TypeName => "error";

    public static CelError NoOverload(string operation, params ReadOnlySpan<CelValue> operands)
    {
        foreach (var operand in operands)
        {
            if (operand is CelError error)
                return error;
        }

        return new($"{operation} does not take {string.Join(" and ", operands.ToArray().Select(operand => operand.TypeName))}");
    }
}
