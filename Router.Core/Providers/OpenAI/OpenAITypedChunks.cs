using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// Writes the stream of another dialect, known by its typed updates, as chunks of this one: role first, then what comes, the
/// finish, and the usage last. One instance per stream; not thread-safe.
/// </summary>
public sealed class OpenAITypedChunks(DateTimeOffset now)
{
    private readonly JsonObjectWriter _text = new(512);
    private readonly List<WireChunk> _made = [];
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly StringBuilder _thought = new();
    private readonly long _created = now.ToUnixTimeSeconds();
    private JsonTemplate? _textChunk;
    private string? _id;
    private string? _model;
    private bool _begun;
    private ChatFinishReason? _finish;
    private UsageDetails? _usage;

    /// <summary>The chunks that say what the update says, good until the next call. Finish and usage are kept for <see cref="End"/>.</summary>
    public IReadOnlyList<WireChunk> Write(ChatResponseUpdate update)
    {
        _made.Clear();
        _id ??= update.ResponseId;
        _model ??= update.ModelId;
        _finish = update.FinishReason ?? _finish;
        if (!_begun)
        {
            _begun = true;
            Utf8JsonWriter delta = BeginDelta();
            delta.WriteString("role", "assistant");
            delta.WriteString("content", "");
            EndDelta(content: false);
        }

        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case UsageContent usage:
                    _usage = usage.Details;
                    break;
                case TextContent { Text.Length: > 0 } text:
                    _textChunk ??= new JsonTemplate(DeltaOf(""), "\"content\":\""u8);
                    _made.Add(Chunk(_textChunk.With(text.Text) ?? DeltaOf(text.Text)));
                    break;
                case TextReasoningContent thought:
                    Write(thought);
                    break;
                case ErrorContent { ErrorCode: "refusal" } refusal:
                    BeginDelta().WriteString("refusal", refusal.Message);
                    EndDelta(content: true);
                    break;
                case FunctionCallContent call:
                    Write(call);
                    break;
            }
        }

        return _made;
    }

    /// <summary>What stands at the end of the stream.</summary>
    public IReadOnlyList<WireChunk> End()
    {
        _made.Clear();
        BeginDelta();
        EndDelta(content: false, _finish?.Value ?? "stop");
        if (_usage is { InputTokenCount: not null, OutputTokenCount: not null } usage)
        {
            Utf8JsonWriter choices = BeginChoices();
            choices.WriteEndArray();
            OpenAIUsageWriter.Write(_text.Member("usage", JsonTokenType.StartObject), usage);
            _made.Add(new WireChunk(_text.End(), HasContent: false, HasFinish: false, HasUsage: true, UsageOnly: true));
        }

        return _made;
    }

    /// <summary>Text goes out as it comes; a signature closes its block and goes out with the block's whole text.</summary>
    private void Write(TextReasoningContent thought)
    {
        _thought.Append(thought.Text);
        bool closes = OpenAIThinking.IsOpaque(thought);
        if (!closes && thought.Text.Length == 0)
        {
            return;
        }

        Utf8JsonWriter delta = BeginDelta();
        if (thought.Text.Length > 0)
        {
            delta.WriteString("reasoning_content", thought.Text);
        }

        if (closes)
        {
            OpenAIThinking.Write(delta, [new TextReasoningContent(_thought.ToString()) { ProtectedData = thought.ProtectedData, AdditionalProperties = thought.AdditionalProperties }]);
            _thought.Clear();
        }

        EndDelta(content: true);
    }

    private void Write(FunctionCallContent call)
    {
        bool first = _calls.TryAdd(call.CallId, _calls.Count);
        Utf8JsonWriter delta = BeginDelta();
        delta.WriteStartArray("tool_calls");
        delta.WriteStartObject();
        delta.WriteNumber("index", _calls[call.CallId]);
        if (first)
        {
            delta.WriteString("id", call.CallId);
            delta.WriteString("type", "function");
        }

        delta.WriteStartObject("function");
        if (first)
        {
            delta.WriteString("name", call.Name);
        }

        delta.WriteString("arguments", OpenAIThinking.Arguments(call));
        delta.WriteEndObject();
        OpenAIThinking.WriteCallExtras(delta, call);
        delta.WriteEndObject();
        delta.WriteEndArray();
        EndDelta(content: true);
    }

    private Utf8JsonWriter BeginChoices()
    {
        _text.Begin();
        _text.String("id", _id ??= "chatcmpl-" + Guid.NewGuid().ToString("N"));
        _text.String("object", "chat.completion.chunk");
        _text.Number("created", _created);
        _text.String("model", _model);
        Utf8JsonWriter choices = _text.Member("choices", JsonTokenType.StartArray);
        choices.WriteStartArray();
        return choices;
    }

    /// <summary>A chunk up to the members of its one delta.</summary>
    private Utf8JsonWriter BeginDelta()
    {
        Utf8JsonWriter delta = BeginChoices();
        delta.WriteStartObject();
        delta.WriteNumber("index", 0);
        delta.WriteStartObject("delta");
        return delta;
    }

    private JsonObject DeltaOf(string text)
    {
        BeginDelta().WriteString("content", text);
        return CloseDelta();
    }

    private JsonObject CloseDelta(string? finish = null)
    {
        _text.Value.WriteEndObject();
        _text.Value.WriteString("finish_reason", finish);
        _text.Value.WriteEndObject();
        _text.Value.WriteEndArray();
        return _text.End();
    }

    private void EndDelta(bool content, string? finish = null) => _made.Add(Chunk(CloseDelta(finish), content, finish is not null));

    private static WireChunk Chunk(JsonObject body, bool content = true, bool finish = false) =>
        new(body, content, HasFinish: finish, HasUsage: false, UsageOnly: false);
}
