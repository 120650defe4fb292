using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>
/// The leaf of Vertex AI. It finds the project, the token and the publisher, then lets the leaf of the publisher's dialect
/// make the call: Gemini's for Google's models, Anthropic's for Claude, OpenAI's for the open models. One call is one HTTP
/// request to a model; tokens are made beside it and kept.
/// </summary>
internal sealed class VertexChatClient : IChatClient
{
    private readonly Provider _provider;
    private readonly HttpMessageInvoker _http;
    private readonly VertexTokens _tokens;
    private readonly Secret? _defaultKey;
    private readonly ChatClientMetadata _metadata;

    /// <param name="http">Not disposed here.</param>
    /// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
    public VertexChatClient(Provider provider, HttpMessageInvoker http, TimeProvider time, Secret? defaultKey = null)
    {
        _provider = provider;
        _http = http;
        _tokens = new VertexTokens(new VertexTokenExchange(http, VertexAddress.Tokens(provider), time).RequestAsync, time);
        _defaultKey = defaultKey;
        _metadata = new ChatClientMetadata(provider.Definition.TelemetryName, provider.BaseUrl);
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        VertexCall call = await OpenAsync(options, cancellationToken).ConfigureAwait(false);
        try
        {
            return await call.Leaf.GetResponseAsync(messages, call.Options, cancellationToken).ConfigureAwait(false);
        }
        catch (ProviderException e) when (IsStale(call, e))
        {
            throw Stale(call, e);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        VertexCall call = await OpenAsync(options, cancellationToken).ConfigureAwait(false);
        await using IAsyncEnumerator<ChatResponseUpdate> updates = call.Leaf.GetStreamingResponseAsync(messages, call.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync().ConfigureAwait(false))
                {
                    yield break;
                }
            }
            catch (ProviderException e) when (IsStale(call, e))
            {
                throw Stale(call, e);
            }

            yield return updates.Current;
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

    private async ValueTask<VertexCall> OpenAsync(ChatOptions? options, CancellationToken cancellationToken)
    {
        Secret key = (options as RouterChatOptions)?.Attempt?.Secret ?? _defaultKey ?? throw new InvalidOperationException("No key was leased for this call.");
        VertexModel model = VertexModel.Of(options?.ModelId ?? throw new RouterException(RouterError.InvalidRequest("A model is required.", "model")));
        VertexCredential credential = VertexCredential.Parse(key);
        (Secret token, bool fresh) = credential.Account is { } account
            ? await _tokens.GetAsync(key, account, cancellationToken).ConfigureAwait(false)
            : (credential.ApiKey!, true);
        return new VertexCall(LeafOf(model, credential, token), With(options, model, token), key, token, fresh);
    }

    private IChatClient LeafOf(VertexModel model, VertexCredential credential, Secret token)
    {
        AuthScheme auth = credential.Account is null ? AuthScheme.XGoogApiKey : AuthScheme.Bearer;
        if (model.Publisher == VertexPublisher.Google)
        {
            Uri google = credential.Account is null ? VertexAddress.Express(_provider) : new Uri($"{ProjectOf(credential)}/publishers/google");
            return new GeminiChatClient(At(google, WireDialect.Gemini, auth), _http, GeminiTraits.Vertex, token, once: true);
        }

        if (credential.Account is null && !_provider.Simulated)
        {
            throw new ProviderException(FailureClass.ModelAccess, "An API key of Vertex AI serves Google's own models only; other publishers' need a service account.");
        }

        Uri project = ProjectOf(credential);
        if (model.Publisher == VertexPublisher.Open)
        {
            return new OpenAIChatClient(At(new Uri($"{project}/endpoints/openapi"), WireDialect.OpenAI, auth), _http, token);
        }

        Provider anthropic = At(new Uri($"{project}/publishers/anthropic"), WireDialect.Anthropic, auth);
        var address = new Uri($"{project}/publishers/anthropic/models/{model.Id}");
        return Dialect.Of(WireDialect.Anthropic).Leaf(anthropic, new HttpMessageInvoker(new ClaudeOnVertexHandler(_http, address)));
    }

    /// <summary>The simulator's own key has no project; any name will do there.</summary>
    private Uri ProjectOf(VertexCredential credential) =>
        VertexAddress.Project(_provider, credential.Account is null ? "simulated" : credential.Project, credential.Location);

    private Provider At(Uri baseUrl, WireDialect dialect, AuthScheme auth) =>
        _provider with { BaseUrl = baseUrl, Definition = _provider.Definition with { Dialect = dialect, Auth = auth } };

    /// <summary>The same options for the publisher's leaf: its model name, and the token where the key stood.</summary>
    private static ChatOptions With(ChatOptions options, VertexModel model, Secret token)
    {
        ChatOptions changed = options.Clone();
        changed.ModelId = model.Id;
        if (changed is RouterChatOptions { Attempt: { } attempt } router)
        {
            router.Attempt = new Attempt(attempt.Entry, attempt.Number, token, attempt.Record, attempt.Clock);
        }

        return changed;
    }

    /// <summary>A kept token that is refused says nothing of the key yet.</summary>
    private static bool IsStale(VertexCall call, ProviderException error) => !call.Fresh && error is { Failure: FailureClass.Credential, Status: 401 };

    private ProviderException Stale(VertexCall call, ProviderException error)
    {
        _tokens.Forget(call.Key, call.Token);
        return new ProviderException(FailureClass.Transient, "Vertex AI refused the access token before its end; the next attempt makes a new one.", error)
        {
            Status = error.Status,
            UpstreamRequestId = error.UpstreamRequestId,
        };
    }

    /// <param name="Fresh">The token was made for this call, or is the key itself.</param>
    private sealed record VertexCall(IChatClient Leaf, ChatOptions Options, Secret Key, Secret Token, bool Fresh);
}
