using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// Reads an event stream. Blocks open, grow and close; counts are totals so far; how it ended and what it cost is said once,
/// at the end. Events of kinds that are not known are passed over. One instance per stream.
/// </summary>
internal sealed class AnthropicStream(HttpResponseMessage http, ProviderDefinition provider, Secret? key, AttemptRecord? record, bool byTool) : IMeter
{
    private readonly Dictionary<int, OpenBlock> _blocks = [];
    private readonly AnthropicUsage _usage = new();
    private string? _id;
    private string? _model;
    private string? _stopReason;
    private ErrorContent? _refusal;

    public MeteredUsage? SoFar => _usage.SoFar;

    /// <summary>True once the stream has said that it is over.</summary>
    public bool Ended { get; private set; }

    /// <summary>What an event says; null when it says nothing to the caller.</summary>
    /// <exception cref="ProviderException">The event is an error.</exception>
    public ChatResponseUpdate? Read(ReadOnlyMemory<byte> data)
    {
        var delta = new AnthropicDeltaSkim();
        if (!JsonObject.TryParse(JsonUnicode.Mend(data), ref delta, out JsonObject? json))
        {
            record?.AddMalformedLine(http);
            return null;
        }

        if (AnthropicErrors.InAnswer(json, http, provider, key) is { } failure)
        {
            throw failure;
        }

        return Read(json, delta) is { } content ? Update(json, [content]) : null;
    }

    /// <summary>How it ended and what it cost.</summary>
    /// <exception cref="ProviderException">The stream ended before the answer did.</exception>
    public ChatResponseUpdate End()
    {
        if (!Ended || _stopReason is null)
        {
            throw new ProviderException(FailureClass.Transient, "The provider's stream ended before the answer was complete.") { Status = (int)http.StatusCode };
        }

        List<AIContent> last = [];
        if (_refusal is not null)
        {
            last.Add(_refusal);
        }

        if (_usage.Whole is { } usage)
        {
            last.Add(new UsageContent(usage));
        }

        ChatResponseUpdate end = Update(null, last);
        end.FinishReason = AnthropicFinish.Of(_stopReason, byTool);
        return end;
    }

    private ChatResponseUpdate Update(JsonObject? raw, List<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        RawRepresentation = raw,
        ResponseId = _id,
        ModelId = _model,
    };

    private AIContent? Read(JsonObject json, in AnthropicDeltaSkim skim)
    {
        if (skim.IsText && json.Is("type", "content_block_delta"u8))
        {
            return skim.Text is { Length: > 0 } text ? new TextContent(text) : null;
        }

        using JsonDocument document = JsonDocument.Parse(json.Text, JsonDepth.Document);
        JsonElement root = document.RootElement;
        switch (json.String("type"))
        {
            case "message_start" when root.TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.Object:
                _id = Text(message, "id") ?? _id;
                _model = Text(message, "model") ?? _model;
                _usage.Read(Member(message, "usage"), begins: true);
                return null;
            case "content_block_start":
                return Open(Index(root), Member(root, "content_block"));
            case "content_block_delta":
                return Grow(Index(root), Member(root, "delta"));
            case "content_block_stop":
                return Close(Index(root));
            case "message_delta":
                JsonElement delta = Member(root, "delta");
                _stopReason = Text(delta, "stop_reason") is { Length: > 0 } reason ? reason : _stopReason;
                _refusal = _stopReason == AnthropicFinish.Refused ? AnthropicFinish.Refusal(Member(delta, "stop_details")) : null;
                _usage.Read(Member(root, "usage"));
                return null;
            case "message_stop":
                Ended = true;
                return null;
            default:
                return null;
        }
    }

    private AIContent? Open(int index, JsonElement block)
    {
        var open = new OpenBlock(Text(block, "type") ?? "", Text(block, "id") ?? $"call_{index}");
        _blocks[index] = open;
        switch (open.Type)
        {
            case "text":
                return Text(block, "text") is { Length: > 0 } text ? new TextContent(text) : null;
            case "redacted_thinking":
                return new TextReasoningContent("") { AdditionalProperties = new() { [OpenAIThinking.Redacted] = Text(block, "data") } };
            case "tool_use" when !byTool:
                return Call(open.CallId, Text(block, "name") ?? "", "");
            default:
                return null;
        }
    }

    private AIContent? Grow(int index, JsonElement delta)
    {
        switch (Text(delta, "type"))
        {
            case "text_delta":
                return Text(delta, "text") is { Length: > 0 } text ? new TextContent(text) : null;
            case "thinking_delta":
                return Text(delta, "thinking") is { Length: > 0 } thinking ? new TextReasoningContent(thinking) : null;
            case "signature_delta":
                return new TextReasoningContent("") { ProtectedData = Text(delta, "signature") };
            case "input_json_delta" when Text(delta, "partial_json") is { Length: > 0 } json && _blocks.TryGetValue(index, out OpenBlock? open):
                open.HasInput = true;
                return byTool ? new TextContent(json) : Call(open.CallId, "", json);
            default:
                return null;
        }
    }

    /// <summary>A call that came without arguments has empty ones.</summary>
    private FunctionCallContent? Close(int index) =>
        !byTool && _blocks.TryGetValue(index, out OpenBlock? open) && open is { Type: "tool_use", HasInput: false } ? Call(open.CallId, "", "{}") : null;

    private static FunctionCallContent Call(string id, string name, string arguments) =>
        new(id, name) { AdditionalProperties = new() { [OpenAIMessageReader.PartialArguments] = arguments } };

    private static int Index(JsonElement root) =>
        Member(root, "index") is { ValueKind: JsonValueKind.Number } index && index.TryGetInt32(out int value) ? value : 0;

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private sealed class OpenBlock(string type, string callId)
    {
        public string Type { get; } = type;

        public string CallId { get; } = callId;

        public bool HasInput { get; set; }
    }
}
