using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Wire;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// The leaf of the Messages dialect: one call is one HTTP request, written from the typed view and answered with it.
/// Thread-safe; the key comes with each call and is never kept.
/// </summary>
/// <param name="http">Not disposed here.</param>
/// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
internal sealed class AnthropicChatClient(Provider provider, HttpMessageInvoker http, Secret? defaultKey = null) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(provider.Definition.TelemetryName, provider.BaseUrl);
    private readonly Uri _endpoint = provider.Resolve("messages");

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatOptions typed = Typed(options);
        using HttpRequestMessage request = CreateRequest(messages, typed, stream: false);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, options, provider.Definition, KeyOf(options), cancellationToken).ConfigureAwait(false);
        byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken, (typed as RouterChatOptions)?.Attempt?.Clock).ConfigureAwait(false);
        return AnthropicResponse.Read(body, response, provider.Definition, KeyOf(options), AnthropicFormat.IsByTool(typed));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatOptions typed = Typed(options);
        using HttpRequestMessage request = CreateRequest(messages, typed, stream: true);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await ProviderAnswers.AcceptAsync(response, options, provider.Definition, KeyOf(options), cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            byte[] body = await HttpBodies.ReadAsync(response, HttpBodies.LargestAnswer, cancellationToken).ConfigureAwait(false);
            throw AnthropicErrors.NotAStream(body, response, provider.Definition, KeyOf(options));
        }

        AttemptRecord? record = (options as RouterChatOptions)?.Attempt?.Record;
        var answer = new AnthropicStream(response, provider.Definition, KeyOf(options), record, AnthropicFormat.IsByTool(typed));
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var events = new SseReader(stream);
        while (!answer.Ended && await events.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (answer.Read(events.Data) is { } update)
            {
                yield return update;
            }
        }

        ChatResponseUpdate end = answer.End();
        await HttpBodies.EndAsync(stream, cancellationToken).ConfigureAwait(false);
        yield return end;
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

    private static ChatOptions Typed(ChatOptions? options) => options switch
    {
        RouterChatOptions router => ((RouterChatOptions)router.Clone()).EnsureTyped(),
        { ModelId: not null } => options,
        _ => throw new RouterException(RouterError.InvalidRequest("A model is required.", "model")),
    };

    private Secret? KeyOf(ChatOptions? options) => (options as RouterChatOptions)?.Attempt?.Secret ?? defaultKey;

    /// <exception cref="RouterException">The request loses something and is strict.</exception>
    private HttpRequestMessage CreateRequest(IEnumerable<ChatMessage> messages, ChatOptions options, bool stream)
    {
        var losses = new Losses(provider.Definition, options as RouterChatOptions);
        byte[] body = AnthropicRequest.Write(messages, options, stream, provider.Simulated, losses);
        losses.ThrowIfStrict();
        var request = new HttpRequestMessage(HttpMethod.Post, _endpoint)
        {
            Content = new RequestContent(body, (options as RouterChatOptions)?.Attempt?.Record),
        };
        request.Headers.TryAddWithoutValidation("Accept", stream ? "text/event-stream" : "application/json");
        Dialect.Of(WireDialect.Anthropic).AddHeaders(request);
        ProviderAuth.Apply(request, provider.Definition.Auth, KeyOf(options) ?? throw new InvalidOperationException("No key was leased for this call."));
        return request;
    }
}
