using Router.Core.Routing;

namespace Router.Core.Providers;

/// <summary>A provider as this process runs it: where it is reached, the operator's key.</summary>
/// <param name="BaseUrl">Without a trailing slash; the vendor's, a configured one, or the simulator's.</param>
/// <param name="Simulated">The simulator stands in: no system key is configured and nothing made the provider live.</param>
/// <param name="SystemCredential">The operator's key; null when there is none.</param>
public sealed record Provider(ProviderDefinition Definition, Uri BaseUrl, bool Simulated, Credential? SystemCredential)
{
    public string Slug => Definition.Slug;

    /// <summary>The setting that decides whether the provider is live or simulated; null where none does.</summary>
    public string? LiveSetting { get; init; }

    /// <summary>There is a simulator and no setting decides: an administrator may make the provider live, and simulated again.</summary>
    public bool Switchable { get; init; }

    /// <summary>Why the operator's key is not <see cref="SystemCredential"/> though one is configured; null where nothing is wrong.</summary>
    public SystemKeyProblem? SystemKeyProblem { get; init; }

    /// <summary>Resolves a path below the base URL; a leading slash keeps only what stands before the vendor's own path.</summary>
    public Uri Resolve(string path)
    {
        if (!path.StartsWith('/'))
        {
            return new Uri($"{BaseUrl.AbsoluteUri.TrimEnd('/')}/{path}");
        }

        // The simulator puts a prefix before the vendor's path; it stays.
        string basePath = BaseUrl.AbsolutePath.TrimEnd('/');
        string vendorPath = Definition.BaseUrl.AbsolutePath.TrimEnd('/');
        string prefix = basePath.EndsWith(vendorPath, StringComparison.Ordinal) ? basePath[..^vendorPath.Length] : "";
        return new Uri(BaseUrl.GetLeftPart(UriPartial.Authority) + prefix + path);
    }
}

/// <summary>A configured key of the operator's that cannot be one. Says which setting holds it, and nothing of its value.</summary>
/// <param name="Setting">By its name in configuration, or the environment variable's.</param>
/// <param name="Detail">The rest of a sentence that begins with the setting's name.</param>
public sealed record SystemKeyProblem(ProviderDefinition Provider, string Setting, string Detail)
{
    public override string ToString() => $"{Setting}, the operator's key for {Provider.DisplayName}, {Detail}.";
}

/// <summary>The client of each provider: made once, shared by all requests.</summary>
public interface IProviderClients
{
    IProviderLeaf For(Provider provider);
}
