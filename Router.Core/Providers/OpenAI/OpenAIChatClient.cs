using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// The leaf of the OpenAI dialect: one request sent is one HTTP request. A caller of the same dialect gets the provider's bytes;
/// any other caller gets the typed view, made on first use.
/// </summary>
/// <param name="http">Not disposed here.</param>
/// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
public sealed class OpenAIChatClient(Provider provider, HttpMessageInvoker http, Secret? defaultKey = null) : ProviderLeaf(provider, defaultKey)
{
    private readonly Uri _endpoint = provider.Resolve("chat/completions");

    public override PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        Attempt? attempt = AttemptOf(options);
        return Complete(
            new PreparedRequest(_endpoint, attempt, KeyOf(options)) { Content = new RequestContent(OpenAIRequest.Write(this, messages, options, stream, Provider), attempt?.Record) },
            stream);
    }

    public override async Task<ChatResponse> SendAsync(PreparedRequest request, CancellationToken cancellationToken)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, request, Provider.Definition, cancellationToken).ConfigureAwait(false);
        (byte[] shared, int length) = await HttpBodies.ReadSharedAsync(response, HttpBodies.LargestAnswer, cancellationToken, request.Attempt?.Clock).ConfigureAwait(false);
        return OpenAIResponse.Read(shared, length, response, Provider.Definition, request.Key);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(PreparedRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, request, Provider.Definition, cancellationToken).ConfigureAwait(false);
        AttemptRecord? record = request.Attempt?.Record;
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken).ConfigureAwait(false);
            throw OpenAIErrors.NotAStream(body, response, Provider.Definition, request.Key);
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var events = new SseReader(stream);
        var chunks = new OpenAIChunkReader(Provider.Definition.Quirks.ContentParts);
        ulong open = 0;
        ulong finished = 0;
        while (await events.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (events.Data.Span.SequenceEqual("[DONE]"u8))
            {
                await HttpBodies.EndAsync(stream, cancellationToken).ConfigureAwait(false);
                break;
            }

            bool parsed = chunks.TryParse(events.Data, out JsonObject? chunk);
            if (parsed && OpenAIErrors.InStream(chunk!, response, Provider.Definition, request.Key) is { } failure)
            {
                throw failure;
            }

            if (!parsed || !OpenAIChunkReader.IsChunk(chunk!))
            {
                // One that is no part of an answer is none of its content either.
                record?.AddMalformedLine(response);
                continue;
            }

            ChatResponseUpdate update = chunks.Read(chunk!);
            if (update.FinishReason?.Value == "error")
            {
                throw new ProviderException(FailureClass.Transient, "The provider ended the stream with an error.") { Status = (int)response.StatusCode, Usage = OpenAIUsage.Read(chunk!) };
            }

            var wire = (WireChunk)update.RawRepresentation!;
            open |= wire.UsageOnly ? 0 : wire.Open;
            finished |= wire.Finished;
            yield return update;
        }

        // Every choice that began must have ended.
        if (finished == 0 || (open & ~finished) != 0)
        {
            throw new ProviderException(FailureClass.Transient, "The provider's stream ended before the answer was complete.") { Status = (int)response.StatusCode };
        }
    }
}
