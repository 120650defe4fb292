using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Writes function calls and their results. The API wants the function's name with a result, so names are remembered by
/// call id as the history goes by.
/// </summary>
internal sealed class GeminiCalls(GeminiScope scope)
{
    /// <summary>Where a part's signature stands in the typed view, in answers and requests alike.</summary>
    public const string SignatureProperty = "thought_signature";

    /// <summary>The vendor's own word for calls that it did not make, or whose signature is lost.</summary>
    private const string SkipValidation = "skip_thought_signature_validator";

    private Dictionary<string, (string Name, int Position)>? _made;

    public static string? Signature(AIContent content) =>
        content.AdditionalProperties is { } properties && properties.TryGetValue(SignatureProperty, out object? value)
            ? value switch
            {
                string text => text,
                JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
                _ => null,
            }
            : null;

    public GeminiPart Call(FunctionCallContent call)
    {
        _made ??= new(StringComparer.Ordinal);
        _made[call.CallId] = (call.Name, _made.Count);
        using JsonDocument? raw = call.RawRepresentation is OpenAIRawJson json ? JsonDocument.Parse(json.Json, JsonDepth.Document) : null;
        string? arguments = Arguments(call, raw);
        string? signature = Signature(call) ?? (raw is null ? null : Signature(raw.RootElement));
        return new GeminiPart(writer =>
        {
            writer.WriteStartObject("functionCall");
            WriteId(writer, call.CallId);
            writer.WriteString("name", call.Name);
            writer.WritePropertyName("args");
            if (arguments is not null)
            {
                writer.WriteRawValue(arguments, skipInputValidation: true);
            }
            else
            {
                JsonSerializer.Serialize(writer, call.Arguments ?? new Dictionary<string, object?>(), GeminiJsonContext.Default.IDictionaryStringObject);
            }

            writer.WriteEndObject();
        })
        { Signature = signature, IsCall = true };
    }

    /// <summary>The results of one round in the order of their calls; anything else a tool message holds is text.</summary>
    public List<GeminiPart> Results(IEnumerable<ChatMessage> messages) =>
    [
        .. messages
            .SelectMany(message => message.Contents.OfType<FunctionResultContent>().Select(result => (result, message.AuthorName)))
            .OrderBy(pair => Made(pair.result.CallId)?.Position ?? int.MaxValue)
            .Select(pair => Result(pair.result, pair.AuthorName)),
    ];

    public GeminiPart Result(FunctionResultContent result, string? named)
    {
        string name = Made(result.CallId)?.Name
            ?? named
            ?? throw new RouterException(RouterError.InvalidRequest("A tool message answers a tool call that is not in the messages before it.", "messages"));
        return new GeminiPart(writer =>
        {
            writer.WriteStartObject("functionResponse");
            WriteId(writer, result.CallId);
            writer.WriteString("name", name);
            writer.WriteStartObject("response");
            GeminiToolResult.Write(writer, result, scope.Losses);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private (string Name, int Position)? Made(string id) =>
        _made is not null && _made.TryGetValue(id, out (string, int) made) ? made : null;

    /// <summary>
    /// Calls of another provider carry no signature, and a thinking model refuses a round whose first call has none. Only the
    /// first of parallel calls is ever signed.
    /// </summary>
    public void SignForeign(List<GeminiPart> parts)
    {
        if (scope.Model.ThinksByLevel && parts.Find(part => part.IsCall) is { } first && !parts.Exists(part => part is { IsCall: true, Signature: not null }))
        {
            first.Signature = SkipValidation;
        }
    }

    private void WriteId(Utf8JsonWriter writer, string id)
    {
        if (scope.Traits.CallIds && id.Length > 0)
        {
            writer.WriteString("id", id);
        }
    }

    /// <summary>The caller's own text of the arguments where it is a JSON object, so that its numbers keep their form.</summary>
    private string? Arguments(FunctionCallContent call, JsonDocument? raw)
    {
        if (raw is null || GeminiJson.Text(GeminiJson.Member(raw.RootElement, "function"), "arguments") is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            using JsonDocument parsed = JsonDocument.Parse(text, JsonDepth.Document);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object)
            {
                return text;
            }
        }
        catch (JsonException)
        {
            if (JsonDepth.IsExceeded(Encoding.UTF8.GetBytes(text)))
            {
                throw new RouterException(RouterError.TooDeep("messages.tool_calls.arguments"));
            }
        }

        scope.Losses.Report("messages.tool_calls.arguments", $"of a call of '{call.Name}' is no JSON object and is sent as text in one");
        return null;
    }

    private static string? Signature(JsonElement call)
    {
        JsonElement extra = GeminiJson.Member(call, "extra_content");
        return GeminiJson.Text(GeminiJson.Member(extra, "google"), SignatureProperty) ?? GeminiJson.Text(GeminiJson.Member(extra, "vertex"), SignatureProperty);
    }
}
