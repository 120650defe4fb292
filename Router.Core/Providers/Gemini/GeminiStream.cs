using System.Runtime.CompilerServices;
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
internal static class GeminiStream
{
    /// <exception cref="ProviderException">An event is an error, or the stream ends before the answer does.</exception>
    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(
        HttpResponseMessage http, ProviderDefinition provider, Secret? key, AttemptRecord? record, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using Stream stream = await http.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var events = new SseReader(stream);
        var answer = new GeminiAnswer();
        JsonObject? last = null;
        while (await events.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (events.Data.Span.SequenceEqual("[DONE]"u8))
            {
                break;
            }

            if (!JsonObject.TryParse(events.Data, out JsonObject? chunk))
            {
                if (IsErrorList(events.Data))
                {
                    throw GeminiErrors.NotAStream(events.Data.ToArray(), http, provider, key);
                }

                // One broken line must not cost the caller the rest of the answer.
                if (record is not null)
                {
                    record.MalformedLines++;
                }

                continue;
            }

            if (GeminiErrors.InStream(chunk, http, provider, key) is { } failure)
            {
                throw failure;
            }

            last = chunk;
            List<AIContent> contents = answer.Read(chunk, partial: true, http);
            yield return Update(answer, chunk, contents);
        }

        if (!answer.Finished)
        {
            throw GeminiErrors.Broken(http, "The provider's stream ended before the answer was complete.");
        }

        ChatResponseUpdate end = Update(answer, last, answer.Usage is { } usage ? [new UsageContent(usage)] : []);
        end.FinishReason = answer.FinishReason;
        yield return end;
    }

    private static ChatResponseUpdate Update(GeminiAnswer answer, JsonObject? raw, List<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        RawRepresentation = raw,
        ResponseId = answer.Id,
        MessageId = answer.Id,
        ModelId = answer.Model,
    };

    private static bool IsErrorList(ReadOnlyMemory<byte> data) =>
        data.Span is [(byte)'[', ..] && GeminiErrorBody.Parse(data) is { Message.Length: > 0 } or { Word.Length: > 0 };
}
