using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// The typed view of messages in this dialect. Each message and each part keeps its own JSON as its raw representation,
/// so that what has no typed home is still there for a writer of the same dialect.
/// </summary>
public static class OpenAIMessageReader
{
    /// <summary>Property under which the function's partial arguments of a streamed tool call are kept.</summary>
    public const string PartialArguments = "arguments";

    /// <param name="array">May be kept by the messages.</param>
    /// <exception cref="RouterException">A role is blank, which only the caller's own dialect can carry.</exception>
    public static List<ChatMessage> ReadMessages(ReadOnlyMemory<byte> array) => OpenAIPlainMessages.TryRead(array) ?? ReadDocument(array);

    internal static List<ChatMessage> ReadDocument(ReadOnlyMemory<byte> array)
    {
        using JsonDocument document = JsonDocument.Parse(array, JsonDepth.Document);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? [.. document.RootElement.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Select(ReadRequested)]
            : [];
    }

    /// <summary>A caller's own message.</summary>
    private static ChatMessage ReadRequested(JsonElement message) =>
        Text(message, "role") is { } role && string.IsNullOrWhiteSpace(role)
            ? throw new RouterException(RouterError.InvalidRequest("A message's role is blank.", "messages"))
            : ReadMessage(message);

    /// <summary>A message of either side.</summary>
    public static ChatMessage ReadMessage(JsonElement message)
    {
        List<AIContent> contents = [];
        // A provider may write anything.
        string role = Text(message, "role") is { } said && !string.IsNullOrWhiteSpace(said) ? said : "assistant";
        if (role == "tool")
        {
            contents.Add(new FunctionResultContent(Text(message, "tool_call_id") ?? "", ToolResult(message)));
        }
        else
        {
            AddContents(contents, message, partial: false);
        }

        return new ChatMessage(new ChatRole(role), contents)
        {
            AuthorName = Text(message, "name"),
            RawRepresentation = OpenAIRawJson.Of(message),
        };
    }

    /// <summary>Adds what a message or a delta says.</summary>
    public static void AddContents(List<AIContent> contents, JsonElement message, bool partial)
    {
        // Signed blocks hold the same words as the reasoning text beside them.
        contents.AddRange(OpenAIThinking.Read(message));
        foreach (string name in (ReadOnlySpan<string>)["reasoning_content", "reasoning"])
        {
            if (!contents.Any(content => content is TextReasoningContent) && Text(message, name) is { Length: > 0 } reasoning)
            {
                contents.Add(new TextReasoningContent(reasoning));
                break;
            }
        }

        if (message.TryGetProperty("content", out JsonElement content))
        {
            OpenAIPartReader.Add(contents, content);
        }

        if (Text(message, "refusal") is { Length: > 0 } refusal)
        {
            contents.Add(new ErrorContent(refusal) { ErrorCode = "refusal" });
        }

        if (message.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array)
        {
            contents.AddRange(calls.EnumerateArray().Where(call => call.ValueKind == JsonValueKind.Object).Select(call => ReadCall(call, partial)));
        }
    }

    private static FunctionCallContent ReadCall(JsonElement call, bool partial)
    {
        JsonElement function = call.TryGetProperty("function", out JsonElement found) ? found : default;
        string arguments = Text(function, "arguments") ?? "";
        AdditionalPropertiesDictionary extras = [];
        if (partial)
        {
            extras[PartialArguments] = arguments;
        }

        if (OpenAIThinking.ReadSignature(call) is { } signature)
        {
            extras[OpenAIThinking.Signature] = signature;
        }

        return new FunctionCallContent(Text(call, "id") ?? "", Text(function, "name") ?? "", partial ? null : Arguments(arguments))
        {
            RawRepresentation = OpenAIRawJson.Of(call),
            AdditionalProperties = extras.Count > 0 ? extras : null,
        };
    }

    /// <summary>Arguments as a map; a model's broken JSON stays as text under its own name rather than being lost.</summary>
    private static Dictionary<string, object?>? Arguments(string json)
    {
        if (json.Length == 0)
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize(json, OpenAIJsonContext.Default.DictionaryStringObject);
        }
        catch (JsonException)
        {
            return new() { [PartialArguments] = json };
        }
    }

    private static object? ToolResult(JsonElement message) =>
        !message.TryGetProperty("content", out JsonElement content) ? null
        : content.ValueKind == JsonValueKind.String ? content.GetString()
        : content.Clone();

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>A message, part or call as its own JSON.</summary>
public sealed record OpenAIRawJson(ReadOnlyMemory<byte> Json)
{
    /// <summary>A copy, which outlives the document.</summary>
    public static OpenAIRawJson Of(JsonElement element) => new(JsonMarshal.GetRawUtf8Value(element).ToArray());
}
