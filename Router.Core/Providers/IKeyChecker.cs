using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>Proves a provider key by the cheapest live call that a wrong key cannot pass.</summary>
public interface IKeyChecker
{
    /// <summary>Never throws for what a provider does; only <paramref name="cancellationToken"/> ends it early.</summary>
    Task<KeyCheckResult> CheckAsync(ProviderDefinition provider, Secret key, CancellationToken cancellationToken);
}
