using System.Text.Json;
using System.Text.Json.Nodes;

namespace Router.Simulator.Faults;

/// <summary>Finds the fault of one request: a script of its key, else its <c>x-simulate</c> header, else the body's <c>simulate</c>.</summary>
internal static class FaultReader
{
    public const string Field = "simulate";
    public const string Header = "x-simulate";
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <exception cref="JsonException">The script is not JSON or names an unknown field.</exception>
    public static Fault Read(HttpRequest request, JsonObject? body, string? key, Operation operation, FaultBook book)
    {
        if (key is not null && book.Next(key, operation) is { } scripted)
            return scripted;
        if (request.Headers[Header] is [{ Length: > 0 } header])
            return Select(JsonNode.Parse(header), key);
        return body?[Field] is { } field ? Select(field, key) : Fault.None;
    }

    public static Fault Parse(JsonNode? node) => node is null ? Fault.None : node.Deserialize<Fault>(Options) ?? Fault.None;

    private static Fault Select(JsonNode? script, string? key)
    {
        if (script is not JsonObject fields || fields["byKey"] is not JsonObject byKey)
            return Parse(script);
        if (key is not null && byKey[key] is { } own)
            return Parse(own);
        var rest = (JsonObject)fields.DeepClone();
        rest.Remove("byKey");
        return Parse(rest);
    }
}
