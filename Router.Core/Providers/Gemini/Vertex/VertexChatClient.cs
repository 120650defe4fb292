using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.Anthropic;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>
/// The leaf of Vertex AI. It finds the project, the token and the publisher, then lets the leaf of the publisher's dialect
/// make the request: Gemini's for Google's models, Anthropic's for Claude, OpenAI's for the open models. One request sent is one HTTP
/// request to a model; a token that is missing is asked for first, beside it, and kept. Who waits for a token has begun to send.
/// </summary>
internal sealed class VertexChatClient : ProviderLeaf
{
    private readonly HttpMessageInvoker _http;
    private readonly VertexTokens _tokens;

    /// <param name="http">Not disposed here.</param>
    /// <param name="defaultKey">Used when the options bring no attempt, as in a probe.</param>
    public VertexChatClient(Provider provider, HttpMessageInvoker http, TimeProvider time, Secret? defaultKey = null)
        : base(provider, defaultKey)
    {
        _http = http;
        _tokens = new VertexTokens(new VertexTokenExchange(http, VertexAddress.Tokens(provider), time).RequestAsync, time);
    }

    public override PreparedRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        Secret key = KeyOf(options);
        VertexModel model = VertexModel.Of(options?.ModelId ?? throw new RouterException(RouterError.InvalidRequest("A model is required.", "model")));
        VertexCredential credential = VertexCredential.Parse(key);
        Attempt? attempt = AttemptOf(options);
        string tenant = (options as RouterChatOptions)?.Request.Workspace.Id ?? "";
        VertexToken token = credential.Account is { } account ? _tokens.Find(tenant, key, account) : new VertexToken(credential.ApiKey, Fresh: true);
        // Until there is a token the key stands in for it, and goes on no message.
        Secret standsFor = token.Value ?? key;
        IProviderLeaf leaf = LeafOf(model, credential, standsFor, authorized: token.Value is not null);
        PreparedRequest request = leaf.Prepare(messages, With(options, model, standsFor), stream);
        return new VertexRequest(request, leaf, attempt, key) { Tenant = tenant, Account = credential.Account, Token = token };
    }

    public override async Task<ChatResponse> SendAsync(PreparedRequest request, CancellationToken cancellationToken)
    {
        var call = (VertexRequest)request;
        await AuthorizeAsync(call, cancellationToken).ConfigureAwait(false);
        try
        {
            return await call.Leaf.SendAsync(call.Inner, cancellationToken).ConfigureAwait(false);
        }
        catch (ProviderException e) when (IsStale(call, e))
        {
            throw Stale(call, e);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(PreparedRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = (VertexRequest)request;
        await AuthorizeAsync(call, cancellationToken).ConfigureAwait(false);
        await using IAsyncEnumerator<ChatResponseUpdate> updates = call.Leaf.StreamAsync(call.Inner, cancellationToken).GetAsyncEnumerator(cancellationToken);
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

    /// <summary>Puts the token on a request that was prepared while there was none.</summary>
    private async ValueTask AuthorizeAsync(VertexRequest call, CancellationToken cancellationToken)
    {
        if (call.Token.Value is null)
        {
            (Secret token, bool fresh) = await _tokens.GetAsync(call.Key!, call.Account!, cancellationToken, call.Tenant).ConfigureAwait(false);
            call.Attempt?.ConfirmKey();
            (call.Token, call.Inner.Key) = (new VertexToken(token, fresh), token);
            ProviderAuth.Apply(call.Inner, AuthScheme.Bearer, token);
        }
    }

    private IProviderLeaf LeafOf(VertexModel model, VertexCredential credential, Secret token, bool authorized)
    {
        AuthScheme auth = !authorized ? AuthScheme.Later : credential.Account is null ? AuthScheme.XGoogApiKey : AuthScheme.Bearer;
        if (model.Publisher == VertexPublisher.Google)
        {
            Uri google = credential.Account is null ? VertexAddress.Express(Provider) : new Uri($"{ProjectOf(credential)}/publishers/google");
            return new GeminiChatClient(At(google, WireDialect.Gemini, auth), _http, GeminiTraits.Vertex, token, once: true);
        }

        if (credential.Account is null && !Provider.Simulated)
        {
            throw new ProviderException(FailureClass.ModelAccess, "An API key of Vertex AI serves Google's own models only; other publishers' need a service account.");
        }

        Uri project = ProjectOf(credential);
        return model.Publisher == VertexPublisher.Open
            ? new OpenAIChatClient(At(new Uri($"{project}/endpoints/openapi"), WireDialect.OpenAI, auth), _http, token)
            : new AnthropicChatClient(At(new Uri($"{project}/publishers/anthropic"), WireDialect.Anthropic, auth), _http, token, new Uri($"{project}/publishers/anthropic/models/{model.Id}"));
    }

    /// <summary>The simulator's own key has no project; any name will do there.</summary>
    private Uri ProjectOf(VertexCredential credential) =>
        VertexAddress.Project(Provider, credential.Account is null ? "simulated" : credential.Project, credential.Location);

    private Provider At(Uri baseUrl, WireDialect dialect, AuthScheme auth) =>
        Provider with { BaseUrl = baseUrl, Definition = Provider.Definition with { Dialect = dialect, Auth = auth } };

    /// <summary>The same options for the publisher's leaf: its model name, and the token, as soon as there is one, where the key stood.</summary>
    private static ChatOptions With(ChatOptions options, VertexModel model, Secret token)
    {
        ChatOptions changed = options.Clone();
        changed.ModelId = model.Id;
        if (changed is RouterChatOptions { Attempt: { } attempt } router)
        {
            router.Attempt = attempt.With(token);
        }

        return changed;
    }

    /// <summary>A kept token that is refused says nothing of the key yet.</summary>
    private static bool IsStale(VertexRequest call, ProviderException error) => !call.Token.Fresh && error is { Failure: FailureClass.Credential, Status: 401 };

    private ProviderException Stale(VertexRequest call, ProviderException error)
    {
        _tokens.Forget(call.Key!, call.Token.Value!, call.Tenant);
        return new ProviderException(FailureClass.Transient, "Vertex AI refused the access token before its end; the next attempt makes a new one.", error)
        {
            Status = error.Status,
            UpstreamRequestId = error.UpstreamRequestId,
        };
    }

    /// <summary>The publisher's request, and what it takes to get a token for it.</summary>
    private sealed class VertexRequest(PreparedRequest inner, IProviderLeaf leaf, Attempt? attempt, Secret key) : PreparedRequest(inner.RequestUri!, attempt, key)
    {
        public PreparedRequest Inner => inner;

        public IProviderLeaf Leaf => leaf;

        public required string Tenant { get; init; }

        /// <summary>Null where the key is an API key.</summary>
        public ServiceAccount? Account { get; init; }

        public VertexToken Token { get; set; }
    }
}
