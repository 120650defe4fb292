using System.Text.Json;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// A provider's error, whatever its shape: OpenAI's envelope, flat members, a string, a list of validation details, HTML
/// or nothing at all. Members that are not there are empty.
/// </summary>
internal sealed record OpenAIErrorBody(string Message, string Type, string Code, string? Param, int? Status, ReadOnlyMemory<byte>? Envelope)
{
    private const int LongestMessage = 4_000;

    private static readonly OpenAIErrorBody Nothing = new("", "", "", null, null, null);

    public static OpenAIErrorBody Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonUnicode.Mend(body), JsonDepth.Document);
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Object => Read(document.RootElement),
                // Some wrap the error in a list.
                JsonValueKind.Array when document.RootElement.GetArrayLength() > 0 && document.RootElement[0].ValueKind == JsonValueKind.Object => Read(document.RootElement[0]),
                _ => Nothing,
            };
        }
        catch (JsonException)
        {
            return Nothing;
        }
    }

    /// <summary>What a caller at fault gets to see: the provider's words, never a key.</summary>
    public UpstreamError ForCaller(Secret? key) => UpstreamErrorGate.Pass(
        new UpstreamError(
            Message.Length == 0 ? "The provider refused the request without saying why." : Message,
            Type.Length == 0 ? "invalid_request_error" : Type,
            Code.Length == 0 ? "invalid_request" : Code,
            Param,
            Envelope),
        [key]);

    private static OpenAIErrorBody Read(JsonElement root)
    {
        JsonElement error = Member(root, "error");
        JsonElement source = error.ValueKind == JsonValueKind.Object ? error : root;
        string message = error.ValueKind == JsonValueKind.String ? error.GetString()! : FirstText(Member(source, "message"), Member(root, "detail"));
        string type = FirstText(Member(source, "type"), Member(source, "status"));
        bool envelope = error.ValueKind == JsonValueKind.Object && Member(error, "message").ValueKind == JsonValueKind.String
            // Clients read the code as text; an envelope whose code is a number is written anew.
            && Member(error, "code").ValueKind is JsonValueKind.String or JsonValueKind.Null or JsonValueKind.Undefined;
        return new OpenAIErrorBody(
            message.Length <= LongestMessage ? message : message[..LongestMessage],
            type,
            Scalar(Member(source, "code")),
            Member(source, "param").ValueKind == JsonValueKind.String ? Member(source, "param").GetString() : null,
            Member(root, "status_code") is { ValueKind: JsonValueKind.Number } status && status.TryGetInt32(out int code) ? code : null,
            // Not a bare null: that would become an empty memory, by way of an array.
            envelope ? System.Text.Encoding.UTF8.GetBytes(error.GetRawText()) : (ReadOnlyMemory<byte>?)null);
    }

    private static string FirstText(params ReadOnlySpan<JsonElement> candidates)
    {
        foreach (JsonElement candidate in candidates)
        {
            string text = candidate.ValueKind switch
            {
                JsonValueKind.String => candidate.GetString()!,
                JsonValueKind.Object => FirstText(Member(candidate, "error"), Member(candidate, "message"), Member(candidate, "detail")),
                JsonValueKind.Array when candidate.GetArrayLength() > 0 => FirstText(Member(candidate[0], "msg"), candidate[0]),
                _ => "",
            };
            if (text.Length > 0)
            {
                return text;
            }
        }

        return "";
    }

    private static string Scalar(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Number => element.GetRawText(),
        _ => "",
    };

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;
}
