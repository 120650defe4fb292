using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.OpenAI;

/// <summary>
/// The leaf of the OpenAI dialect: one call is one HTTP request. A caller of the same dialect gets the provider's bytes;
/// any other caller gets the typed view, made on first use. Thread-safe; the key comes with each call and is never kept.
/// </summary>
public sealed class OpenAIChatClient : IChatClient
{
    private readonly Provider _provider;
    private readonly HttpMessageInvoker _http;
    private readonly Secret? _defaultKey;
    private readonly Uri _endpoint;
    private readonly ChatClientMetadata _metadata;

    /// <param name="http">Not disposed here.</param>
    /// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
    public OpenAIChatClient(Provider provider, HttpMessageInvoker http, Secret? defaultKey = null)
    {
        _provider = provider;
        _http = http;
        _defaultKey = defaultKey;
        _endpoint = provider.Resolve("chat/completions");
        _metadata = new ChatClientMetadata(provider.Definition.TelemetryName, provider.BaseUrl);
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = CreateRequest(messages, options, stream: false);
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, options, _provider.Definition, KeyOf(options), cancellationToken).ConfigureAwait(false);
        (byte[] shared, int length) = await HttpBodies.ReadSharedAsync(response, HttpBodies.LargestAnswer, cancellationToken, (options as RouterChatOptions)?.Attempt?.Clock).ConfigureAwait(false);
        return OpenAIResponse.Read(shared, length, response, _provider.Definition, KeyOf(options));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = CreateRequest(messages, options, stream: true);
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, options, _provider.Definition, KeyOf(options), cancellationToken).ConfigureAwait(false);
        AttemptRecord? record = (options as RouterChatOptions)?.Attempt?.Record;
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken).ConfigureAwait(false);
            throw OpenAIErrors.NotAStream(body, response, _provider.Definition, KeyOf(options));
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var events = new SseReader(stream);
        var chunks = new OpenAIChunkReader(_provider.Definition.Quirks.ContentParts);
        ulong open = 0;
        ulong finished = 0;
        while (await events.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (events.Data.Span.SequenceEqual("[DONE]"u8))
            {
                await HttpBodies.EndAsync(stream, cancellationToken).ConfigureAwait(false);
                break;
            }

            if (!chunks.TryParse(events.Data, out JsonObject? chunk))
            {
                // One broken line must not cost the caller the rest of the answer.
                if (record is not null)
                {
                    record.MalformedLines++;
                }

                continue;
            }

            if (OpenAIErrors.InStream(chunk, response, _provider.Definition, KeyOf(options)) is { } failure)
            {
                throw failure;
            }

            ChatResponseUpdate update = chunks.Read(chunk);
            if (update.FinishReason?.Value == "error")
            {
                throw new ProviderException(FailureClass.Transient, "The provider ended the stream with an error.") { Status = (int)response.StatusCode };
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

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ProviderDefinition) ? _provider.Definition
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }

    private Secret? KeyOf(ChatOptions? options) => (options as RouterChatOptions)?.Attempt?.Secret ?? _defaultKey;

    private HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        Attempt? attempt = (options as RouterChatOptions)?.Attempt;
        var request = new HttpRequestMessage(HttpMethod.Post, _endpoint) { Content = new RequestContent(OpenAIRequest.Write(this, messages, options, stream, _provider), attempt?.Record) };
        request.Headers.TryAddWithoutValidation("Accept", stream ? "text/event-stream" : "application/json");
        ProviderAuth.Apply(request, _provider.Definition.Auth, KeyOf(options) ?? throw new InvalidOperationException("No key was leased for this call."));
        return request;
    }
}
