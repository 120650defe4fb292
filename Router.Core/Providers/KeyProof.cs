using System.Text.Json;
using Router.Core.Wire;

namespace Router.Core.Providers;

/// <summary>
/// What an answer to a key check must hold to be the provider's, and so to prove the key. A page of HTML, an empty object, an empty
/// list or another server's JSON does not.
/// </summary>
public sealed class KeyProof
{
    private readonly Func<JsonElement, bool> _holds;

    private KeyProof(Func<JsonElement, bool> holds) => _holds = holds;

    /// <summary>A list of models as most vendors give it, with a model in it.</summary>
    public static KeyProof Models { get; } = List("data", "id");

    /// <summary>The same in any of the shapes that servers of OpenAI's dialect are known to give.</summary>
    public static KeyProof AnyModels { get; } = new(static answer => Items(answer, "id") || Items(Find(answer, "data"), "id") || Items(Find(answer, "models"), "id") || Items(Find(answer, "models"), "name"));

    /// <summary>For a check that only the operator knows: JSON that says something, and no error.</summary>
    public static KeyProof Anything { get; } = new(static answer => answer.ValueKind switch
    {
        JsonValueKind.Object => answer.EnumerateObject().Any(),
        JsonValueKind.Array => answer.GetArrayLength() > 0,
        _ => false,
    });

    /// <summary>A list under this name whose first item names itself.</summary>
    public static KeyProof List(string member, string item) => new(answer => Items(Find(answer, member), item));

    /// <summary>A member whose value is of one of these kinds.</summary>
    public static KeyProof Member(string name, params JsonValueKind[] kinds) => new(answer => kinds.Contains(Find(answer, name).ValueKind));

    /// <summary>Whether a whole answer proves it.</summary>
    public bool IsIn(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(JsonUnicode.Mend(body), JsonDepth.Document);
            return Find(answer.RootElement, "error").ValueKind is JsonValueKind.Undefined or JsonValueKind.Null && _holds(answer.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether a refusal is an API's own: in JSON that says what the trouble is. Of one that is too long only the beginning is here.</summary>
    public static bool IsRefusal(ReadOnlyMemory<byte> body) => body is { Length: >= HttpBodies.LargestError, Span: [(byte)'{', ..] } || Is(body, static answer =>
        Find(answer, "error").ValueKind is JsonValueKind.Object or JsonValueKind.String
        || Find(answer, "message").ValueKind == JsonValueKind.String
        || Find(answer, "detail").ValueKind is JsonValueKind.Object or JsonValueKind.String or JsonValueKind.Array);

    /// <summary>Whether Google says, in its own words, that there is no such thing: any web server says 404.</summary>
    public static bool IsGoogleNotFound(ReadOnlyMemory<byte> body) => Is(body, static answer =>
        Find(Find(answer, "error"), "status") is { ValueKind: JsonValueKind.String } status && status.ValueEquals("NOT_FOUND"u8));

    private static bool Is(ReadOnlyMemory<byte> body, Func<JsonElement, bool> holds)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(JsonUnicode.Mend(body), JsonDepth.Document);
            return holds(answer.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Items(JsonElement list, string name) =>
        list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 && Find(list[0], name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 };

    private static JsonElement Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;
}
