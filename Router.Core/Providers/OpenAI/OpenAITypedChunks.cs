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
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly StringBuilder _thought = new();
    private string? _id;
    private string? _model;
    private bool _begun;
    private ChatFinishReason? _finish;
    private UsageDetails? _usage;

    /// <summary>The chunks that say what the update says. Finish and usage are kept for <see cref="End"/>.</summary>
    public IEnumerable<WireChunk> Write(ChatResponseUpdate update)
    {
        _id ??= update.ResponseId;
        _model ??= update.ModelId;
        _finish = update.FinishReason ?? _finish;
        if (!_begun)
        {
            _begun = true;
            yield return Chunk(delta =>
            {
                delta.WriteString("role", "assistant");
                delta.WriteString("content", "");
            }, content: false);
        }

        foreach (AIContent content in update.Contents)
        {
            if (content is UsageContent usage)
            {
                _usage = usage.Details;
            }
            else if (Delta(content) is { } delta)
            {
                yield return Chunk(delta, content: true);
            }
        }
    }

    /// <summary>What stands at the end of the stream.</summary>
    public IEnumerable<WireChunk> End()
    {
        yield return Make(writer =>
        {
            writer.WriteStartArray("choices");
            writer.WriteStartObject();
            writer.WriteNumber("index", 0);
            writer.WriteStartObject("delta");
            writer.WriteEndObject();
            writer.WriteString("finish_reason", _finish?.Value ?? "stop");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }, content: false, finish: true, usage: false);
        if (_usage is { } usage)
        {
            yield return Make(writer =>
            {
                writer.WriteStartArray("choices");
                writer.WriteEndArray();
                writer.WritePropertyName("usage");
                OpenAIUsageWriter.Write(writer, usage);
            }, content: false, finish: false, usage: true);
        }
    }

    private Action<Utf8JsonWriter>? Delta(AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                return delta => delta.WriteString("content", text.Text);
            case TextReasoningContent thought:
                return Thought(thought);
            case ErrorContent { ErrorCode: "refusal" } refusal:
                return delta => delta.WriteString("refusal", refusal.Message);
            case FunctionCallContent call:
                return Call(call);
            default:
                return null;
        }
    }

    /// <summary>Text goes out as it comes; a signature closes its block and goes out with the block's whole text.</summary>
    private Action<Utf8JsonWriter>? Thought(TextReasoningContent thought)
    {
        _thought.Append(thought.Text);
        if (!OpenAIThinking.IsOpaque(thought))
        {
            return thought.Text.Length > 0 ? delta => delta.WriteString("reasoning_content", thought.Text) : null;
        }

        var whole = new TextReasoningContent(_thought.ToString()) { ProtectedData = thought.ProtectedData, AdditionalProperties = thought.AdditionalProperties };
        _thought.Clear();
        return delta =>
        {
            if (thought.Text.Length > 0)
            {
                delta.WriteString("reasoning_content", thought.Text);
            }

            OpenAIThinking.Write(delta, [whole]);
        };
    }

    private Action<Utf8JsonWriter> Call(FunctionCallContent call)
    {
        bool first = _calls.TryAdd(call.CallId, _calls.Count);
        int index = _calls[call.CallId];
        return delta =>
        {
            delta.WriteStartArray("tool_calls");
            delta.WriteStartObject();
            delta.WriteNumber("index", index);
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
        };
    }

    private WireChunk Chunk(Action<Utf8JsonWriter> delta, bool content) => Make(writer =>
    {
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("delta");
        delta(writer);
        writer.WriteEndObject();
        writer.WriteNull("finish_reason");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }, content, finish: false, usage: false);

    private WireChunk Make(Action<Utf8JsonWriter> rest, bool content, bool finish, bool usage)
    {
        _id ??= "chatcmpl-" + Guid.NewGuid().ToString("N");
        return new WireChunk(
            JsonObject.Parse(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("id", _id);
                writer.WriteString("object", "chat.completion.chunk");
                writer.WriteNumber("created", now.ToUnixTimeSeconds());
                writer.WriteString("model", _model);
                rest(writer);
                writer.WriteEndObject();
            })),
            content,
            finish,
            usage,
            usage);
    }
}
