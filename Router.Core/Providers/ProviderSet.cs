using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Router.Core.Providers;

/// <summary>The providers at one time, immutable.</summary>
public sealed class ProviderSet(ImmutableArray<Provider> all)
{
    public ImmutableArray<Provider> All { get; } = all;

    /// <summary>By slug and alias.</summary>
    internal FrozenDictionary<string, Provider> BySlug { get; } = all
        .SelectMany(provider => provider.Definition.Aliases.Add(provider.Slug).Select(name => KeyValuePair.Create(name, provider)))
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}
