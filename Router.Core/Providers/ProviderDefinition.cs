using System.Collections.Immutable;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>The wire protocol a provider speaks; one folder each.</summary>
public enum WireDialect
{
    OpenAI,
    Anthropic,
    Gemini,

    /// <summary>Gemini's, and other publishers' dialects, behind Google Cloud's identity.</summary>
    Vertex,
}

/// <summary>How a key is presented to the provider. Always a header: a key in a URL ends in somebody's log.</summary>
public enum AuthScheme
{
    Bearer,
    XApiKey,
    XGoogApiKey,

    /// <summary>By whoever gets the token it takes, once that is there.</summary>
    Later,
}

/// <summary>One provider, as data. A provider of a known dialect is one entry of <see cref="ProviderTable"/> and one fixture.</summary>
public sealed record ProviderDefinition
{
    /// <summary>The name clients use before the slash.</summary>
    public required string Slug { get; init; }

    public ImmutableArray<string> Aliases { get; init; } = [];

    public required string DisplayName { get; init; }

    public required WireDialect Dialect { get; init; }

    /// <summary>Where the vendor's API lives, without a trailing slash. Overridable by configuration.</summary>
    public required Uri BaseUrl { get; init; }

    public AuthScheme Auth { get; init; } = AuthScheme.Bearer;

    /// <summary>Takes the key file of a service account as well as an API key.</summary>
    public bool ServiceAccounts { get; init; }

    /// <summary>
    /// What is wrong with a service account, found without asking anybody: the member at fault and the rest of a sentence that begins
    /// with its name. Null for one that can be used.
    /// </summary>
    public Func<Secret, (string Member, string Detail)?> AccountProblem { get; init; } = static _ => null;

    /// <summary>Environment variables the vendor's own tools read a key from, first wins; they hold the operator's system key.</summary>
    public required ImmutableArray<string> SystemKeyVariables { get; init; }

    /// <summary>
    /// Makes the operator's key complete from settings that stand beside it in the environment, for vendors whose key is more
    /// than one word. Takes the key and a look-up of settings by name.
    /// </summary>
    public Func<string, Func<string, string?>, string> CompleteSystemKey { get; init; } = static (key, _) => key;

    /// <summary>The <c>gen_ai.provider.name</c> of OpenTelemetry's GenAI conventions.</summary>
    public required string TelemetryName { get; init; }

    /// <summary>The page where a person gets a key.</summary>
    public required Uri KeyPage { get; init; }

    /// <summary>The cheapest call that proves a key.</summary>
    public required KeyCheck KeyCheck { get; init; }

    public Quirks Quirks { get; init; } = Quirks.None;

    /// <summary>Errors that mean something else here than elsewhere in the dialect; looked at first.</summary>
    public ImmutableArray<ErrorRule> ErrorRules { get; init; } = [];
}

/// <summary>
/// A call that a wrong key cannot pass: a GET, or a POST where it has a body. <see cref="Url"/> is relative to the base URL, or
/// rooted at its host with a leading slash.
/// </summary>
/// <param name="Proof">What a good answer holds. A good status alone proves nothing: sign-in pages, proxies and wrong addresses have one too.</param>
public sealed record KeyCheck(string Url, KeyProof Proof, string? Body = null)
{
    /// <summary>Members of a good answer that, when true, say that the key is of no use all the same.</summary>
    public ImmutableArray<string> DeadWhenTrue { get; init; } = [];
}
