using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;

namespace Router.Core.Providers;

/// <summary>Request members without a typed home. A writer takes those it can carry; what is left at the end is reported.</summary>
internal sealed class ExtraMembers(ChatOptions? options)
{
    /// <summary>The router answers these itself, whatever the dialect.</summary>
    private static readonly HashSet<string> Routers = new(StringComparer.Ordinal) { "model", "messages", "stream", "stream_options" };

    private readonly AdditionalPropertiesDictionary? _extras = options?.AdditionalProperties is { Count: > 0 } extras ? extras : null;
    private HashSet<string>? _taken;

    /// <summary>The member's value; undefined when it is absent or null.</summary>
    public JsonElement Take(string name)
    {
        if (_extras is null)
        {
            return default;
        }

        (_taken ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);
        return _extras.TryGetValue(name, out object? value) ? Element(value) : default;
    }

    public string? TakeText(string name) => Take(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Reports what no writer took, unless its value asks for nothing.</summary>
    public void ReportRest(Losses losses)
    {
        if (_extras is null)
        {
            return;
        }

        foreach ((string name, object? value) in _extras)
        {
            if (_taken?.Contains(name) != true && !Routers.Contains(name) && !AsksForNothing(name, Element(value)))
            {
                losses.Report(name, "has no equivalent and is left out");
            }
        }
    }

    private static JsonElement Element(object? value) => value switch
    {
        null => default,
        JsonElement { ValueKind: JsonValueKind.Null } => default,
        JsonElement element => element,
        _ => JsonSerializer.SerializeToElement(value, AnyJson.TypeOf(value.GetType())),
    };

    private static bool AsksForNothing(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.False => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.String => name == "service_tier" && value.GetString() is "auto" or "default",
        JsonValueKind.Number => name is "top_logprobs" or "n" && value.TryGetInt32(out int count) && count <= (name == "n" ? 1 : 0),
        _ => false,
    };
}
