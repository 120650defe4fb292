using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// Reads an event stream. Each event is a whole answer with the next parts, and counts of all tokens so far; there is no
/// end mark. How it ended and what it cost is therefore said once, when the stream is over.
/// </summary>
internal sealed class GeminiStream(HttpResponseMessage http, ProviderDefinition provider, Secret? key, AttemptRecord? record) : IMeter
{
    private readonly GeminiAnswer _answer = new();
    private JsonObject? _last;

    public MeteredUsage? SoFar => _answer.Usage;

    /// <summary>What an event says; null when it is none.</summary>
    /// <exception cref="ProviderException">The event is an error.</exception>
    public ChatResponseUpdate? Read(ReadOnlyMemory<byte> data)
    {
        var skim = new GeminiCandidateSkim();
        if (!JsonObject.TryParse(JsonUnicode.Mend(data), ref skim, out JsonObject? chunk))
        {
            if (IsErrorList(data))
            {
                throw GeminiErrors.NotAStream(data.ToArray(), http, provider, key);
            }

            record?.AddMalformedLine(http);
            return null;
        }

        if (GeminiErrors.InStream(chunk, http, provider, key) is { } failure)
        {
            throw failure;
        }

        _last = chunk;
        return Update(chunk, _answer.Read(chunk, skim, partial: true, http));
    }

    /// <summary>How it ended and what it cost.</summary>
    /// <exception cref="ProviderException">The stream ended before the answer did.</exception>
    public ChatResponseUpdate End()
    {
        if (!_answer.Finished)
        {
            throw GeminiErrors.Broken(http, "The provider's stream ended before the answer was complete.");
        }

        ChatResponseUpdate end = Update(_last, _answer.Usage is { } usage ? [new UsageContent(usage)] : []);
        end.FinishReason = _answer.FinishReason;
        return end;
    }

    private ChatResponseUpdate Update(JsonObject? raw, List<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        RawRepresentation = raw,
        ResponseId = _answer.Id,
        MessageId = _answer.Id,
        ModelId = _answer.Model,
    };

    private static bool IsErrorList(ReadOnlyMemory<byte> data) =>
        data.Span is [(byte)'[', ..] && GeminiErrorBody.Parse(data) is { Message.Length: > 0 } or { Word.Length: > 0 };
}
