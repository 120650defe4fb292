using Router.Core.Keys;

namespace Router.Core.Providers;

/// <summary>Keeps a key that is not the simulator's from being judged, or seen, by it.</summary>
public sealed class HonestKeyChecker(IKeyChecker checker, ProviderRegistry providers) : IKeyChecker
{
    public Task<KeyCheckResult> CheckAsync(ProviderDefinition provider, Secret key, CancellationToken cancellationToken) =>
        providers.TryFind(provider.Slug, out Provider? target) && !SimulatorKeys.MayJudge(target, key)
            ? Task.FromResult(SimulatorKeys.Unasked(provider))
            : checker.CheckAsync(provider, key, cancellationToken);
}
