using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>What the leaves of all dialects have in common. Thread-safe; the key comes with each call and is never kept.</summary>
/// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
public abstract class ProviderLeaf(Provider provider, Secret? defaultKey) : IProviderLeaf
{
    private readonly ChatClientMetadata _metadata = new(provider.Definition.TelemetryName, provider.BaseUrl);

    protected Provider Provider { get; } = provider;

    public abstract PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream);

    public abstract Task<ChatResponse> SendAsync(PreparedRequest request, CancellationToken cancellationToken);

    public abstract IAsyncEnumerable<ChatResponseUpdate> StreamAsync(PreparedRequest request, CancellationToken cancellationToken);

    /// <summary>Both halves at once, for who counts no attempts.</summary>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await SendAsync(Prepare(messages, options, stream: false), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="GetResponseAsync"/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (ChatResponseUpdate update in StreamAsync(Prepare(messages, options, stream: true), cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    public virtual object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ProviderDefinition) ? Provider.Definition
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>The transport belongs to whoever made it.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
    }

    protected Secret KeyOf(ChatOptions? options) =>
        (options as RouterChatOptions)?.Attempt?.Secret ?? defaultKey ?? throw new InvalidOperationException("No key was leased for this call.");

    protected static Attempt? AttemptOf(ChatOptions? options) => (options as RouterChatOptions)?.Attempt;

    /// <summary>These options with every typed member set, for a dialect that is written from the typed view.</summary>
    /// <exception cref="RouterException">A member has a type it cannot have, or there is no model.</exception>
    protected static ChatOptions Typed(ChatOptions? options) => options switch
    {
        RouterChatOptions { ModelId: not null } router => ((RouterChatOptions)router.Clone()).EnsureTyped(),
        { ModelId: not null } => options,
        _ => throw new RouterException(RouterError.InvalidRequest("A model is required.", "model")),
    };

    /// <summary>Says what answer is wanted, and by whose key.</summary>
    protected PreparedRequest Complete(PreparedRequest request, bool stream)
    {
        request.Headers.TryAddWithoutValidation("Accept", stream ? "text/event-stream" : "application/json");
        if (Provider.Definition.Auth != AuthScheme.Later)
        {
            ProviderAuth.Apply(request, Provider.Definition.Auth, request.Key!);
        }

        return request;
    }
}
