using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Core.Providers.Gemini;

/// <summary>
/// The leaf of the Gemini dialect: one call is one HTTP request, written from the typed view and answered with it.
/// Thread-safe; the key comes with each call and is never kept.
/// </summary>
/// <param name="http">Not disposed here.</param>
/// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
/// <param name="once">It is made for one call, and has nothing to remember.</param>
internal sealed class GeminiChatClient(Provider provider, HttpMessageInvoker http, GeminiTraits traits, Secret? defaultKey = null, bool once = false) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(provider.Definition.TelemetryName, provider.BaseUrl);
    private readonly Remembered<(string Model, bool Stream), Uri>? _endpoints = once ? null : new(asked => Resolve(provider, asked.Model, asked.Stream));

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = CreateRequest(messages, options, stream: false);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, options, provider.Definition, KeyOf(options), cancellationToken).ConfigureAwait(false);
        byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken, (options as RouterChatOptions)?.Attempt?.Clock).ConfigureAwait(false);
        return GeminiResponse.Read(body, response, provider.Definition, KeyOf(options));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = CreateRequest(messages, options, stream: true);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, options, provider.Definition, KeyOf(options), cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken).ConfigureAwait(false);
            throw GeminiErrors.NotAStream(body, response, provider.Definition, KeyOf(options));
        }

        AttemptRecord? record = (options as RouterChatOptions)?.Attempt?.Record;
        var answer = new GeminiStream(response, provider.Definition, KeyOf(options), record);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var events = new SseReader(stream);
        while (await events.ReadAsync(cancellationToken).ConfigureAwait(false) && !events.Data.Span.SequenceEqual("[DONE]"u8))
        {
            if (answer.Read(events.Data) is { } update)
            {
                yield return update;
            }
        }

        yield return answer.End();
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ProviderDefinition) ? provider.Definition
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }

    private static Uri Resolve(Provider provider, string model, bool stream) => provider.Resolve($"{model}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}");

    private Secret? KeyOf(ChatOptions? options) => (options as RouterChatOptions)?.Attempt?.Secret ?? defaultKey;

    /// <exception cref="RouterException">The request cannot be said in this dialect, or loses something and is strict.</exception>
    private HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        Secret key = KeyOf(options) ?? throw new InvalidOperationException("No key was leased for this call.");
        ChatOptions? typed = options is RouterChatOptions ? ((RouterChatOptions)options.Clone()).EnsureTyped() : options;
        GeminiModel model = GeminiModel.Of(typed?.ModelId ?? throw new RouterException(RouterError.InvalidRequest("A model is required.", "model")));
        var router = typed as RouterChatOptions;
        var losses = new Losses(provider.Definition, router);
        bool own = router?.Attempt?.Entry.Credential.Type != CredentialType.System;
        byte[] body = GeminiRequest.Write(messages, typed, new GeminiScope(model, traits, own, provider, losses));
        losses.ThrowIfStrict();

        var request = new HttpRequestMessage(HttpMethod.Post, _endpoints?.Of((model.Path, stream)) ?? Resolve(provider, model.Path, stream))
        {
            Content = new RequestContent(body, router?.Attempt?.Record),
        };
        request.Headers.TryAddWithoutValidation("Accept", stream ? "text/event-stream" : "application/json");
        ProviderAuth.Apply(request, provider.Definition.Auth, key);
        return request;
    }
}
