using System.Collections.Immutable;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.Anthropic;
using Router.Core.Providers.Gemini;
using Router.Core.Providers.Gemini.Vertex;
using Router.Core.Providers.OpenAI;

namespace Router.Core.Providers;

/// <summary>What the rest of the core needs of a wire dialect: one line per dialect, its folder has the rest.</summary>
/// <param name="Leaf">Makes the client that speaks it.</param>
/// <param name="Classify">Gives a failed HTTP answer its class. The key is passed only so that it can be kept out of what is shown.</param>
internal sealed record Dialect(
    Func<Provider, HttpMessageInvoker, IProviderLeaf> Leaf,
    Func<HttpResponseMessage, byte[], ProviderDefinition, Secret?, ProviderException> Classify)
{
    private static readonly Dialect OpenAI = new((provider, http) => new OpenAIChatClient(provider, http), OpenAIErrors.Classify);

    private static readonly Dialect Anthropic = new((provider, http) => new AnthropicChatClient(provider, http), AnthropicErrors.Classify)
    {
        Headers = [new("anthropic-version", "2023-06-01")],
        Reasons = static (_, model) => AnthropicModel.Of(model).ThinksByDefault,
    };

    private static readonly Dialect Gemini = new((provider, http) => new GeminiChatClient(provider, http, GeminiTraits.Studio), GeminiErrors.Classify) { Reasons = static (_, model) => GeminiReasons(model) };

    private static readonly Dialect Vertex = new((provider, http) => new VertexChatClient(provider, http, TimeProvider.System), GeminiErrors.Classify)
    {
        Probe = VertexProbe.CreateAsync,
        Reasons = static (_, model) => model.Contains("claude-", StringComparison.Ordinal) ? AnthropicModel.Of(model).ThinksByDefault : GeminiReasons(model),
    };

    /// <summary>
    /// Makes the request of the key check, for dialects whose keys must be turned into something else first. Null: the table's
    /// request with the key on it.
    /// </summary>
    public Func<Provider, HttpMessageInvoker, Secret, TimeProvider, CancellationToken, Task<HttpRequestMessage>>? Probe { get; init; }

    /// <summary>Whether a model that no catalog lists thinks before it speaks, by what its name says.</summary>
    public Func<ProviderDefinition, string, bool> Reasons { get; init; } = static (provider, model) => provider.Quirks.OfModel(model)?.Reasons == true;

    /// <summary>Headers that every request of the dialect carries, the key check's too.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    public void AddHeaders(HttpRequestMessage request)
    {
        foreach ((string name, string value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static bool GeminiReasons(string model)
    {
        string id = model[(model.LastIndexOf('/') + 1)..];
        return GeminiModel.IsSegment(id) && (GeminiModel.Of(id) is { ThinksByBudget: true } or { ThinksByLevel: true });
    }

    public static Dialect Of(WireDialect dialect) => dialect switch
    {
        WireDialect.OpenAI => OpenAI,
        WireDialect.Anthropic => Anthropic,
        WireDialect.Gemini => Gemini,
        WireDialect.Vertex => Vertex,
        _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "This dialect has no leaf."),
    };
}
