using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Failures;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// What an answer has said so far, from one body or from many chunks: whether it called a function, how it ended, what it
/// cost. Only the first candidate has a place in the typed view, and only one is ever asked for.
/// </summary>
internal sealed class GeminiAnswer
{
    private bool _called;
    private string? _finish;
    private string? _blocked;
    private ReadOnlyMemory<byte>? _counts;

    /// <summary>What was counted last; every chunk brings all the counts so far, so they are read only where they are asked for.</summary>
    public MeteredUsage? Usage => _counts is { } json ? GeminiUsage.Read(json) : null;

    public string? Id { get; private set; }

    public string? Model { get; private set; }

    /// <summary>True once the provider has said how the answer ends.</summary>
    public bool Finished => _finish is not null || _blocked is not null;

    /// <summary>How it ended, in OpenAI's words; the provider calls an answer with function calls a plain stop.</summary>
    public ChatFinishReason FinishReason =>
        _blocked is not null || GeminiFinish.IsBlock(_finish) ? ChatFinishReason.ContentFilter
        : _finish == "MAX_TOKENS" ? ChatFinishReason.Length
        : _called ? ChatFinishReason.ToolCalls
        : ChatFinishReason.Stop;

    /// <summary>The contents of one body or chunk.</summary>
    /// <param name="skim">What was read of it already.</param>
    /// <param name="partial">It is a chunk: arguments stay text.</param>
    /// <exception cref="ProviderException">The model ended with a fault of its own.</exception>
    public List<AIContent> Read(JsonObject body, in GeminiCandidateSkim skim, bool partial, HttpResponseMessage http)
    {
        Id ??= body.String("responseId");
        Model ??= body.String("modelVersion");
        if (body.Find("usageMetadata") is { Kind: JsonTokenType.StartObject } counts)
        {
            _counts = body.Value(counts);
        }

        List<AIContent> contents = [];
        if (!skim.IsPlain)
        {
            ReadDocument(body, contents, partial, http);
            return contents;
        }

        if (skim.Text is { Length: > 0 } text)
        {
            contents.Add(new TextContent(text));
        }

        Finish(skim.FinishReason, contents, http);
        return contents;
    }

    private void ReadDocument(JsonObject body, List<AIContent> contents, bool partial, HttpResponseMessage http)
    {
        using JsonDocument document = JsonDocument.Parse(body.Text, JsonDepth.Document);
        JsonElement root = document.RootElement;
        JsonElement candidate = GeminiJson.Items(root, "candidates").FirstOrDefault(item => GeminiJson.Number(item, "index") is null or 0);
        foreach (JsonElement part in GeminiJson.Items(GeminiJson.Member(candidate, "content"), "parts"))
        {
            AddPart(contents, part, partial);
        }

        Finish(GeminiJson.Text(candidate, "finishReason"), contents, http);
        if (candidate.ValueKind == JsonValueKind.Undefined && GeminiJson.Text(GeminiJson.Member(root, "promptFeedback"), "blockReason") is { Length: > 0 } reason)
        {
            _blocked = reason;
            contents.Add(Refusal($"The provider blocked the prompt ({GeminiFinish.OfPrompt(reason)})."));
        }
    }

    private void Finish(string? finish, List<AIContent> contents, HttpResponseMessage http)
    {
        if (string.IsNullOrEmpty(finish))
        {
            return;
        }

        if (GeminiFinish.IsModelsFault(finish))
        {
            throw GeminiErrors.Broken(http, "The model failed to form a valid tool call.", Usage);
        }

        _finish = finish;
        if (GeminiFinish.IsBlock(finish))
        {
            contents.Add(Refusal($"The provider withheld the answer or the rest of it ({finish})."));
        }
    }

    private void AddPart(List<AIContent> contents, JsonElement part, bool partial)
    {
        string? signature = GeminiJson.Text(part, "thoughtSignature");
        string? text = GeminiJson.Text(part, "text");
        if (GeminiJson.Member(part, "functionCall") is { ValueKind: JsonValueKind.Object } call)
        {
            _called = true;
            contents.Add(ReadCall(call, signature, partial));
        }
        else if (text is not null && GeminiJson.Flag(part, "thought"))
        {
            contents.Add(Reasoning(text, signature));
        }
        else if (text is not null)
        {
            if (text.Length > 0)
            {
                contents.Add(new TextContent(text));
            }

            if (signature is not null)
            {
                contents.Add(Reasoning("", signature));
            }
        }
        else if (GeminiJson.Member(part, "inlineData") is { ValueKind: JsonValueKind.Object } inline)
        {
            contents.Add(ReadInline(inline));
        }
        else if (part.ValueKind == JsonValueKind.Object && part.EnumerateObject().Any(member => member.Name is not ("thought" or "thoughtSignature")))
        {
            // A kind of part this version does not know: only the raw answer speaks for it.
            contents.Add(new AIContent());
        }
    }

    private static FunctionCallContent ReadCall(JsonElement call, string? signature, bool partial)
    {
        JsonElement arguments = GeminiJson.Member(call, "args");
        string json = arguments.ValueKind == JsonValueKind.Object ? arguments.GetRawText() : "{}";
        AdditionalPropertiesDictionary properties = [];
        if (partial)
        {
            properties[OpenAI.OpenAIMessageReader.PartialArguments] = json;
        }

        if (signature is not null)
        {
            properties[GeminiCalls.SignatureProperty] = signature;
        }

        // The provider often gives no id; the caller needs one to answer by.
        string id = GeminiJson.Text(call, "id") is { Length: > 0 } given ? given : $"call_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        return new FunctionCallContent(id, GeminiJson.Text(call, "name") ?? "", partial ? null : JsonSerializer.Deserialize(json, GeminiJsonContext.Default.DictionaryStringObject))
        {
            AdditionalProperties = properties.Count > 0 ? properties : null,
        };
    }

    private static TextReasoningContent Reasoning(string text, string? signature) => new(text)
    {
        ProtectedData = signature,
        // ProtectedData may be any provider's; this name says that it is this dialect's.
        AdditionalProperties = signature is null ? null : new() { [GeminiCalls.SignatureProperty] = signature },
    };

    private static AIContent ReadInline(JsonElement inline)
    {
        try
        {
            return new DataContent($"data:{GeminiJson.Text(inline, "mimeType")};base64,{GeminiJson.Text(inline, "data")}");
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException or FormatException)
        {
            return new AIContent();
        }
    }

    private static ErrorContent Refusal(string message) => new(message) { ErrorCode = "refusal" };
}
