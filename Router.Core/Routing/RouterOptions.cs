using System.Collections.Frozen;
using System.Collections.Immutable;
using Router.Core.Keys;

namespace Router.Core.Routing;

/// <summary>The router's own fields of a request, never sent upstream.</summary>
public sealed record RouterOptions
{
    /// <summary>How long lists of models may be, and how many attempts a request may ask for.</summary>
    public const int MostModels = 64;

    /// <summary>No model of any provider has a longer name.</summary>
    public const int LongestName = 256;

    public static RouterOptions None { get; } = new();

    /// <summary>Keys brought in the request, by provider slug.</summary>
    public FrozenDictionary<string, RuntimeCredential> Credentials { get; init; } = FrozenDictionary<string, RuntimeCredential>.Empty;

    /// <summary>Ordered fallbacks after a concrete model; the pool to choose from with <c>auto</c>.</summary>
    public ImmutableArray<string> Models { get; init; } = [];

    /// <summary>Models or provider slugs that must not serve.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>What ranks routes that are chosen among, the first first; empty for <see cref="SortCriteria.Default"/>.</summary>
    public ImmutableArray<SortCriterion> Sort { get; init; } = [];

    /// <summary>For a bare name or a pool: providers in the order they are to be tried, before all others.</summary>
    public ImmutableArray<string> ProviderOrder { get; init; } = [];

    /// <summary>For a bare name or a pool: the only providers that may serve; empty means all.</summary>
    public ImmutableArray<string> ProviderOnly { get; init; } = [];

    /// <summary>For a bare name or a pool: false takes the first route alone, whose keys still stand in for each other.</summary>
    public bool AllowFallbacks { get; init; } = true;

    /// <summary>Never use a system key in this request.</summary>
    public bool ByokOnly { get; init; }

    /// <summary>Refuse rather than lose what the provider's dialect cannot carry.</summary>
    public bool Strict { get; init; }

    public FallbackOptions Fallback { get; init; } = FallbackOptions.Default;
}

/// <param name="Fingerprint">Keyed hash of <paramref name="Key"/>.</param>
/// <param name="FallbackToSystem">False: when this key fails, no system key takes over.</param>
public sealed record RuntimeCredential(Secret Key, string Fingerprint, bool FallbackToSystem);

/// <summary>Budgets shared by all attempts of a request.</summary>
/// <param name="TtftTimeout">How long an attempt may take to its first token; null for the configured one.</param>
/// <param name="MaxAttempts">How many upstream requests at most; null for as many as the plan has.</param>
/// <param name="Deadline">How long all attempts may take together; null for the configured one.</param>
/// <param name="CommitComplete">Hold a stream until it has ended well, so that even one that is cut can be served anew.</param>
public sealed record FallbackOptions(TimeSpan? TtftTimeout, int? MaxAttempts, TimeSpan? Deadline, bool CommitComplete)
{
    public static FallbackOptions Default { get; } = new(null, null, null, false);
}
