using System.Collections.Frozen;
using System.Collections.Immutable;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>
/// What <c>ignore</c> takes out: a provider by any of its names, a model by its name at its provider, or a bare model name
/// wherever it is hosted.
/// </summary>
internal sealed class IgnoreList
{
    private readonly FrozenSet<string> _names;
    private readonly HashSet<string> _providers = [];

    public IgnoreList(ImmutableArray<string> names, ProviderRegistry providers)
    {
        _names = names.Concat(names.Select(name => Canonical(name, providers))).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            if (providers.TryFind(name, out Provider? provider))
            {
                _providers.Add(provider.Slug);
            }
        }
    }

    public bool Holds(Candidate candidate) => _names.Count > 0 && (
        _providers.Contains(candidate.Provider.Slug)
        || _names.Contains(candidate.Name)
        || _names.Contains(candidate.Model)
        || _names.Contains(candidate.Model[(candidate.Model.LastIndexOf('/') + 1)..]));

    /// <summary>With the provider's slug for its alias.</summary>
    private static string Canonical(string name, ProviderRegistry providers)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && providers.TryFind(name[..slash], out Provider? provider) ? provider.Slug + name[slash..] : name;
    }
}
