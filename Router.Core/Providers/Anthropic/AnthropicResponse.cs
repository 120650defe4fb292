using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>Reads a whole answer. Blocks are told apart by their type, never by their place.</summary>
internal static class AnthropicResponse
{
    /// <exception cref="ProviderException">The body is no message, whatever its status says.</exception>
    public static ChatResponse Read(byte[] bytes, HttpResponseMessage http, ProviderDefinition provider, Secret? key, bool byTool)
    {
        var skim = new AnthropicContentSkim();
        if (!JsonObject.TryParse(JsonUnicode.Mend(bytes), ref skim, out JsonObject? body))
        {
            throw new ProviderException(FailureClass.Transient, "The provider's answer is not valid JSON.") { Status = (int)http.StatusCode };
        }

        if (AnthropicErrors.InAnswer(body, http, provider, key) is { } failure)
        {
            throw failure;
        }

        // An answer that is not whole was counted all the same.
        var usage = new AnthropicUsage();
        if (body.Find("usage") is { Kind: JsonTokenType.StartObject } counts)
        {
            usage.Read(body.Value(counts).Span);
        }

        if (body.Find("content") is not { Kind: JsonTokenType.StartArray } content)
        {
            throw new ProviderException(FailureClass.Transient, "The provider's answer holds no content.") { Status = (int)http.StatusCode, Usage = usage.Whole };
        }

        if (body.String("stop_reason") is not { Length: > 0 } reason)
        {
            throw new ProviderException(FailureClass.Transient, "The provider's answer is not complete.") { Status = (int)http.StatusCode, Usage = usage.Whole };
        }

        List<AIContent> contents = skim.Texts ?? Blocks(body.Value(content), byTool);
        if (reason == AnthropicFinish.Refused)
        {
            contents.Add(AnthropicFinish.Refusal(body.Find("stop_details") is { } details ? JsonElement.Parse(body.Value(details).Span, JsonDepth.Document) : default));
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents))
        {
            RawRepresentation = body,
            ResponseId = body.String("id"),
            ModelId = body.String("model"),
            FinishReason = AnthropicFinish.Of(reason, byTool),
            Usage = usage.Whole,
        };
    }

    internal static List<AIContent> Blocks(ReadOnlyMemory<byte> content, bool byTool)
    {
        using JsonDocument document = JsonDocument.Parse(content, JsonDepth.Document);
        return [.. document.RootElement.EnumerateArray().Where(block => block.ValueKind == JsonValueKind.Object).Select(block => Block(block, byTool)).OfType<AIContent>()];
    }

    /// <summary>Null for blocks that are no part of the answer, such as those of server tools.</summary>
    private static AIContent? Block(JsonElement block, bool byTool) => Text(block, "type") switch
    {
        "text" => new TextContent(Text(block, "text")),
        "thinking" => new TextReasoningContent(Text(block, "thinking") ?? "") { ProtectedData = Text(block, "signature") },
        "redacted_thinking" => new TextReasoningContent("") { AdditionalProperties = new() { [OpenAIThinking.Redacted] = Text(block, "data") } },
        "tool_use" when byTool => new TextContent(Input(block)),
        "tool_use" => new FunctionCallContent(Text(block, "id") ?? "", Text(block, "name") ?? "")
        {
            AdditionalProperties = new() { [OpenAIMessageReader.PartialArguments] = Input(block) },
        },
        _ => null,
    };

    private static string Input(JsonElement block) =>
        block.TryGetProperty("input", out JsonElement input) && input.ValueKind == JsonValueKind.Object ? input.GetRawText() : "{}";

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
