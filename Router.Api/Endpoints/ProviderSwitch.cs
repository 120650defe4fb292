using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Settings;

namespace Router.Api.Endpoints;

/// <summary>Makes a provider live, or simulated again, on every replica and worker. Where configuration decides, it says which setting does.</summary>
internal sealed class ProviderSwitch(LiveProviderStore store, StateAnnouncer announcer)
{
    /// <returns>Why it was not done; null when the provider is as asked, in force here.</returns>
    public async Task<ProblemHttpResult?> SetAsync(Provider provider, bool live, AuditOrigin origin, CancellationToken cancellationToken)
    {
        if (!provider.Switchable)
            return live == !provider.Simulated ? null : Problems.NotSwitchable(Why(provider));
        if (await store.SetAsync(provider.Definition, live, origin, Activity.Current?.Id, cancellationToken))
            await announcer.AnnounceAsync(cancellationToken);
        return null;
    }

    /// <summary>Why the provider is as it is, for a person.</summary>
    public static string Why(Provider provider)
    {
        var name = provider.Definition.DisplayName;
        return provider switch
        {
            { LiveSetting: { } setting, Simulated: false } => $"{name} is live because {KnownSettings.AsVariable(setting)} is set.",
            { LiveSetting: { } setting } => $"{name} is simulated because {KnownSettings.AsVariable(setting)} says so.",
            { Switchable: false } => $"{name} is live: this router has no simulator.",
            { Simulated: true } => $"{name} is simulated: no key of the operator's is configured for it, and nobody made it live.",
            _ => $"{name} was made live by an administrator.",
        };
    }
}
