using Router.Core.Keys;
using Router.Core.Providers;

namespace Router.Core.Routing;

/// <summary>The keys of a provider this request may use, before their health: the same for all its models.</summary>
/// <param name="Own">Brought in the request, else saved in the workspace.</param>
/// <param name="System">The operator's, where it may serve.</param>
/// <param name="SystemExcluded">Why the operator's key, though there is one, may not serve.</param>
internal sealed record ProviderKeys(Credential? Own, Credential? System, ExclusionReason? SystemExcluded)
{
    public static ProviderKeys Of(Provider provider, RouterOptions options, Workspace workspace)
    {
        ExclusionReason? excluded = options.ByokOnly || workspace.Policy.ByokOnly ? ExclusionReason.ByokOnly : null;
        Credential? own = null;
        if (options.Credentials.TryGetValue(provider.Slug, out RuntimeCredential? runtime))
        {
            own = new Credential($"runtime:{workspace.Id}:{runtime.Fingerprint}", CredentialType.Byok, "runtime", runtime.Fingerprint, runtime.Key);
            excluded ??= runtime.FallbackToSystem ? null : ExclusionReason.SystemKeyOff;
        }
        else if (workspace.ProviderKeys.TryGetValue(provider.Slug, out ProviderKey? saved))
        {
            own = Saved(saved);
        }

        return provider.SystemCredential is null
            ? new ProviderKeys(own, null, null)
            : new ProviderKeys(own, excluded is null ? provider.SystemCredential : null, excluded);
    }

    /// <summary>A stored key as a credential.</summary>
    public static Credential Saved(ProviderKey key) =>
        new(key.CredentialId, CredentialType.Byok, "saved", key.Fingerprint, key.Secret) { KeyId = key.Id };
}
