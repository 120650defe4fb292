using Router.Core.Catalog;
using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>What may be in the plan of one request. Each rule says no with a reason, once.</summary>
internal sealed class CandidateFilter(PlanInput input, RoutingKnowledge knowledge, ExclusionLog log)
{
    private readonly IgnoreList? _ignore = input.Options.Ignore.IsEmpty ? null : new IgnoreList(input.Options.Ignore, knowledge.Providers);
    private Dictionary<Provider, ProviderKeys>? _keys;
    private (Provider Provider, ProviderKeys Keys)? _last;

    public ExclusionLog Log => log;

    /// <summary>A route was left out for no other reason than that no key may serve it.</summary>
    public bool KeysMissed { get; private set; }

    /// <summary>By <c>ignore</c> and the workspace's policy.</summary>
    public bool Allows(Candidate candidate) =>
        _ignore?.Holds(candidate) == true ? No(candidate, ExclusionReason.Ignored)
        : input.Workspace.Policy.Allows(candidate.Provider.Slug) || No(candidate, ExclusionReason.Policy);

    /// <summary>By <c>provider.only</c>.</summary>
    public bool IsInOnly(Candidate candidate) =>
        input.Options.ProviderOnly.IsEmpty
        || input.Options.ProviderOnly.Contains(candidate.Provider.Slug, StringComparer.OrdinalIgnoreCase)
        || No(candidate, ExclusionReason.NotInOnly);

    /// <summary>By what the catalog says of it; a model it does not list is taken at the caller's word.</summary>
    public bool IsSuitable(Candidate candidate, RequestNeeds needs)
    {
        if (candidate.Hosted is not { } hosted)
        {
            return true;
        }

        ModelFeatures missing = needs.Features & ~hosted.Features;
        bool fits = hosted.Model.ContextLength == 0 || needs.LeastTokens <= hosted.Model.ContextLength;
        return (missing == ModelFeatures.None && fits) || No(candidate, ExclusionReason.NotSuitable, missing);
    }

    /// <summary>By whether the catalog lets it be chosen at all.</summary>
    /// <param name="named">The routes named one by one.</param>
    public bool MayBeChosen(Candidate candidate, HashSet<string>? named) =>
        candidate.Hosted is not { OnlyWhenNamed: true } || named?.Contains(candidate.Name) == true || No(candidate, ExclusionReason.OnlyWhenNamed);

    /// <summary>Finds its keys and their health. False when no key may serve.</summary>
    public bool SetKeys(Candidate candidate)
    {
        ProviderKeys keys = KeysOf(candidate.Provider);
        candidate.Keys = RouteKeys.Of(keys, candidate.Model, input.Workspace.Policy, knowledge.Health);
        if (candidate.Keys.Any)
        {
            if (keys.SystemExcluded is { } reason)
            {
                log.Add(candidate, reason, systemKeyOnly: true);
            }

            return true;
        }

        KeysMissed = true;
        return No(candidate, keys.SystemExcluded ?? ExclusionReason.NoKey);
    }

    private ProviderKeys KeysOf(Provider provider)
    {
        // By the object: a provider that is swapped meanwhile has other keys.
        if (_last is var (known, last) && ReferenceEquals(known, provider))
        {
            return last;
        }

        if (_keys?.TryGetValue(provider, out ProviderKeys? keys) != true)
        {
            keys = ProviderKeys.Of(provider, input.Options, input.Workspace);
            (_keys ??= new(SameProvider.Instance))[provider] = keys;
        }

        _last = (provider, keys!);
        return keys!;
    }

    private bool No(Candidate candidate, ExclusionReason reason, ModelFeatures missing = ModelFeatures.None)
    {
        log.Add(candidate, reason, missing);
        return false;
    }
}
